package ai.falaj.runtime;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A prompt with everything that decides its completion.
 *
 * @param requestId for logs and errors, and to know a request again that the engine crashed on;
 *     need not be unique in the runtime
 * @param model must be a name of the runtime's {@link ModelRuntime#models()} where present
 * @param samples completions wanted of this prompt, 1 to {@value #MAX_SAMPLES}; the prompt is
 *     prefilled once for all of them
 * @param output what shape the answer must have
 * @param reasoningBudgetTokens reasoning is closed after this many tokens; absent: never
 * @param adapter name of a LoRA adapter that the runtime has loaded; absent: the bare model
 * @param tenant whose share of the runtime it uses and whose budget it is charged to; absent: the
 *     tenant without a name
 * @param priority higher is served earlier
 * @param deadlineEpochMs when the completion stops being of use, in milliseconds since the epoch
 * @param ignoreEndOfSequence generate {@code maxTokens} tokens whatever the model says. For
 *     benchmarks
 * @param tools functions that the model may call, no two of one name; an engine that cannot offer
 *     them refuses the request with {@link RuntimeErrorCode#UNSUPPORTED_PARAMETER}
 * @param toolChoice whether it must; says nothing where there are no tools
 * @param resumption what an earlier generation of this request had made before it was interrupted;
 *     needs the seed that it used, or the rest would be drawn from another stream
 */
public record GenerationRequest(
    String requestId,
    Optional<String> model,
    Prompt prompt,
    SamplingParameters sampling,
    int samples,
    OutputFormat output,
    OptionalInt reasoningBudgetTokens,
    Optional<String> adapter,
    Optional<String> tenant,
    int priority,
    OptionalLong deadlineEpochMs,
    boolean ignoreEndOfSequence,
    List<ToolDefinition> tools,
    ToolChoice toolChoice,
    Optional<Resumption> resumption) {

  /** What llama.cpp's sequences and a Kafka record of the completion can bear. */
  public static final int MAX_SAMPLES = 64;

  /**
   * @throws IllegalArgumentException naming the parameter, its value and its range
   */
  public GenerationRequest {
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(reasoningBudgetTokens, "reasoningBudgetTokens");
    Objects.requireNonNull(adapter, "adapter");
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(deadlineEpochMs, "deadlineEpochMs");
    tools = List.copyOf(tools);
    Objects.requireNonNull(toolChoice, "toolChoice");
    Objects.requireNonNull(resumption, "resumption");
    checkTools(tools, toolChoice);
    if (samples < 1 || samples > MAX_SAMPLES) {
      throw new IllegalArgumentException("n is " + samples + "; it must be 1 to " + MAX_SAMPLES);
    }
    if (reasoningBudgetTokens.isPresent() && reasoningBudgetTokens.getAsInt() < 0) {
      throw new IllegalArgumentException(
          "reasoning budget is " + reasoningBudgetTokens.getAsInt() + "; it must be 0 or more");
    }
    if (resumption.isPresent()) {
      checkResumption(resumption.get(), sampling, samples);
    }
  }

  private static void checkTools(List<ToolDefinition> tools, ToolChoice choice) {
    Set<String> names = new HashSet<>();
    for (ToolDefinition tool : tools) {
      if (!names.add(tool.name())) {
        throw new IllegalArgumentException(
            "two tools are named %s; give each a name of its own".formatted(tool.name()));
      }
    }
    if (choice instanceof ToolChoice.Named named && !names.contains(named.tool())) {
      throw new IllegalArgumentException(
          "the tool choice is %s, which is none of the tools %s".formatted(named.tool(), names));
    }
    if (choice instanceof ToolChoice.Required && tools.isEmpty()) {
      throw new IllegalArgumentException("a tool call is required and there are no tools");
    }
  }

  private static void checkResumption(
      Resumption resumption, SamplingParameters sampling, int samples) {
    if (resumption.samples().size() != samples) {
      throw new IllegalArgumentException(
          "the resumption has %d samples and n is %d; they must be the same"
              .formatted(resumption.samples().size(), samples));
    }
    if (sampling.seed().isEmpty()) {
      throw new IllegalArgumentException(
          "the resumption needs a seed; give the one of the interrupted generation");
    }
    if (sampling.maxTokens().isEmpty()) {
      return;
    }
    int maxTokens = sampling.maxTokens().getAsInt();
    for (Resumption.Sample sample : resumption.samples()) {
      if (sample.tokens().size() > maxTokens) {
        throw new IllegalArgumentException(
            "the resumption has a sample of %d tokens; max_tokens is %d"
                .formatted(sample.tokens().size(), maxTokens));
      }
    }
  }

  /** A request of normal priority without a deadline, for whatever model is loaded. */
  public static GenerationRequest of(String requestId, Prompt prompt, SamplingParameters sampling) {
    return builder(requestId, prompt).sampling(sampling).build();
  }

  /** The same request, going on from what an interrupted generation had made. */
  public GenerationRequest resumed(Resumption from) {
    return toBuilder().resumption(from).build();
  }

  /** The same request, for whatever model is loaded. */
  public GenerationRequest withoutModel() {
    Builder builder = toBuilder();
    builder.model = Optional.empty();
    return builder.build();
  }

  /** The same request with another prompt. */
  public GenerationRequest withPrompt(Prompt other) {
    Builder builder = toBuilder();
    builder.prompt = other;
    return builder.build();
  }

  /** Starts from this request. */
  public Builder toBuilder() {
    Builder builder = new Builder(requestId, prompt);
    builder.model = model;
    builder.sampling = sampling;
    builder.samples = samples;
    builder.output = output;
    builder.reasoningBudgetTokens = reasoningBudgetTokens;
    builder.adapter = adapter;
    builder.tenant = tenant;
    builder.priority = priority;
    builder.deadlineEpochMs = deadlineEpochMs;
    builder.ignoreEndOfSequence = ignoreEndOfSequence;
    builder.tools = tools;
    builder.toolChoice = toolChoice;
    builder.resumption = resumption;
    return builder;
  }

  public static Builder builder(String requestId, Prompt prompt) {
    return new Builder(requestId, prompt);
  }

  /** Starts from one sample of free text, default sampling, normal priority. One thread. */
  public static final class Builder {
    private final String requestId;
    private Prompt prompt;
    private Optional<String> model = Optional.empty();
    private SamplingParameters sampling = SamplingParameters.defaults();
    private int samples = 1;
    private OutputFormat output = OutputFormat.TEXT;
    private OptionalInt reasoningBudgetTokens = OptionalInt.empty();
    private Optional<String> adapter = Optional.empty();
    private Optional<String> tenant = Optional.empty();
    private int priority;
    private OptionalLong deadlineEpochMs = OptionalLong.empty();
    private boolean ignoreEndOfSequence;
    private List<ToolDefinition> tools = List.of();
    private ToolChoice toolChoice = ToolChoice.AUTO;
    private Optional<Resumption> resumption = Optional.empty();

    private Builder(String requestId, Prompt prompt) {
      this.requestId = requestId;
      this.prompt = prompt;
    }

    public Builder model(String value) {
      model = Optional.of(value);
      return this;
    }

    public Builder sampling(SamplingParameters value) {
      sampling = value;
      return this;
    }

    public Builder samples(int value) {
      samples = value;
      return this;
    }

    public Builder output(OutputFormat value) {
      output = value;
      return this;
    }

    public Builder reasoningBudgetTokens(int value) {
      reasoningBudgetTokens = OptionalInt.of(value);
      return this;
    }

    public Builder adapter(String value) {
      adapter = Optional.of(value);
      return this;
    }

    public Builder tenant(String value) {
      tenant = Optional.of(value);
      return this;
    }

    public Builder priority(int value) {
      priority = value;
      return this;
    }

    public Builder deadlineEpochMs(long value) {
      deadlineEpochMs = OptionalLong.of(value);
      return this;
    }

    public Builder ignoreEndOfSequence() {
      ignoreEndOfSequence = true;
      return this;
    }

    public Builder tools(List<ToolDefinition> value) {
      tools = value;
      return this;
    }

    public Builder toolChoice(ToolChoice value) {
      toolChoice = value;
      return this;
    }

    public Builder resumption(Resumption value) {
      resumption = Optional.of(value);
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the parameter, its value and its range
     */
    public GenerationRequest build() {
      return new GenerationRequest(
          requestId,
          model,
          prompt,
          sampling,
          samples,
          output,
          reasoningBudgetTokens,
          adapter,
          tenant,
          priority,
          deadlineEpochMs,
          ignoreEndOfSequence,
          tools,
          toolChoice,
          resumption);
    }
  }
}
