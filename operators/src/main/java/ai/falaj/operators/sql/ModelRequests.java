package ai.falaj.operators.sql;

import ai.falaj.operators.fields.OutputErrorCode;
import ai.falaj.operators.fields.ParsedOutput;
import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.configuration.ReadableConfig;

/** The requests of rows, as a model's options and the rows themselves have them. Immutable. */
final class ModelRequests {

  private static final String NOTE =
      "That answer cannot be used: %s. Answer again, with the corrected JSON object only.";

  private final ReadableConfig options;
  private final OutputFormat format;

  /**
   * @throws IllegalArgumentException if an option is out of its range; naming it, its value and its
   *     range
   */
  ModelRequests(ReadableConfig options, OutputFormat format) {
    this.options = options;
    this.format = format;
    if (options.get(SqlModelOptions.N) != 1) {
      throw new IllegalArgumentException(
          "%s is %d; it must be 1, as each row stays one row"
              .formatted(SqlModelOptions.N.key(), options.get(SqlModelOptions.N)));
    }
    of("check", "check", Map.of()); // each value is checked by what takes it
  }

  /**
   * @param rowOptions what the row sets itself
   * @throws IllegalArgumentException if one of them is out of its range
   */
  GenerationRequest of(String requestId, String prompt, Map<RowOption, Object> rowOptions) {
    List<ChatMessage> messages = new ArrayList<>();
    systemPrompt(rowOptions).ifPresent(text -> messages.add(new ChatMessage("system", text)));
    messages.add(new ChatMessage("user", prompt));
    GenerationRequest.Builder request =
        GenerationRequest.builder(requestId, new Prompt.Chat(messages))
            .output(format)
            .priority(options.get(SqlModelOptions.PRIORITY));
    options
        .getOptional(SqlModelOptions.REASONING_BUDGET_TOKENS)
        .ifPresent(request::reasoningBudgetTokens);
    options.getOptional(SqlModelOptions.ADAPTER).ifPresent(request::adapter);
    options.getOptional(SqlModelOptions.TENANT).ifPresent(request::tenant);
    SamplingParameters.Builder sampling = sampling();
    rowOptions.forEach((option, value) -> apply(option, value, sampling, request));
    return request.sampling(sampling.build()).build();
  }

  /**
   * The same question after an answer that did not fit: with that answer and what was wrong with
   * it, and with another seed. Empty where the answer was cut and sampling is greedy: the same
   * would be cut again.
   */
  static Optional<GenerationRequest> again(
      GenerationRequest request, String answer, ParsedOutput.Invalid problem) {
    SamplingParameters sampling = otherSeed(request.sampling());
    boolean cut = isCut(problem);
    if (cut && sampling.isGreedy()) {
      return Optional.empty();
    }
    GenerationRequest.Builder again = request.toBuilder().sampling(sampling);
    if (cut) {
      return Optional.of(again.build());
    }
    List<ChatMessage> messages = new ArrayList<>(((Prompt.Chat) request.prompt()).messages());
    messages.add(new ChatMessage("assistant", answer));
    messages.add(new ChatMessage("user", NOTE.formatted(problem.message())));
    return Optional.of(again.build().withPrompt(new Prompt.Chat(messages)));
  }

  private static boolean isCut(ParsedOutput.Invalid problem) {
    return problem.code() == OutputErrorCode.TRUNCATED;
  }

  private Optional<String> systemPrompt(Map<RowOption, Object> rowOptions) {
    String ofRow = (String) rowOptions.get(RowOption.SYSTEM_PROMPT);
    return Optional.ofNullable(ofRow).or(() -> options.getOptional(SqlModelOptions.SYSTEM_PROMPT));
  }

  private static void apply(
      RowOption option,
      Object value,
      SamplingParameters.Builder sampling,
      GenerationRequest.Builder request) {
    try {
      option.apply(value, sampling, request);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s is %s, which is no 32-bit number".formatted(option.optionName(), value), e);
    }
  }

  private SamplingParameters.Builder sampling() {
    SamplingParameters.Builder sampling = SamplingParameters.builder();
    options.getOptional(SqlModelOptions.TEMPERATURE).ifPresent(sampling::temperature);
    options.getOptional(SqlModelOptions.TOP_P).ifPresent(sampling::topP);
    options.getOptional(SqlModelOptions.TOP_K).ifPresent(sampling::topK);
    options.getOptional(SqlModelOptions.MIN_P).ifPresent(sampling::minP);
    options.getOptional(SqlModelOptions.PRESENCE_PENALTY).ifPresent(sampling::presencePenalty);
    options.getOptional(SqlModelOptions.FREQUENCY_PENALTY).ifPresent(sampling::frequencyPenalty);
    options.getOptional(SqlModelOptions.MAX_TOKENS).ifPresent(sampling::maxTokens);
    options.getOptional(SqlModelOptions.SEED).ifPresent(sampling::seed);
    options
        .getOptional(SqlModelOptions.STOP)
        .ifPresent(text -> sampling.stop(Arrays.asList(text.split(","))));
    return sampling;
  }

  private static SamplingParameters otherSeed(SamplingParameters from) {
    OptionalLong seed =
        from.seed().isPresent()
            ? OptionalLong.of((from.seed().getAsLong() + 1) % (SamplingParameters.MAX_SEED + 1))
            : OptionalLong.empty();
    return new SamplingParameters(
        from.temperature(),
        from.topP(),
        from.topK(),
        from.minP(),
        from.maxTokens(),
        seed,
        from.stop(),
        from.presencePenalty(),
        from.frequencyPenalty(),
        from.repetitionPenalty(),
        from.logitBias(),
        from.topLogprobs());
  }
}
