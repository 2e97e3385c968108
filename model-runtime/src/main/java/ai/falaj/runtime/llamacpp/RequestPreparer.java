package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.llamacpp.PromptEncoder.Encoded;
import ai.falaj.runtime.llamacpp.sampling.SequenceSampler;
import ai.falaj.runtime.text.CompletionText;
import ai.falaj.runtime.text.ToolCallSplitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Turns a request into sequences, or says why that cannot be done. Confined to the decode thread.
 */
final class RequestPreparer {

  /** Seeds are 0 to {@link SamplingParameters#MAX_SEED}; they wrap around. */
  private static final long SEEDS = SamplingParameters.MAX_SEED + 1;

  private final String modelName;
  private final int contextTokens;
  private final List<String> adapters;
  private final PromptEncoder encoder;
  private final Samplers samplers;
  private final Resumer resumer;
  private long sequences;

  /**
   * @param contextTokens prompt and completion tokens that one sequence may hold
   * @param adapters names of the loaded LoRA adapters
   */
  RequestPreparer(
      String modelName,
      int contextTokens,
      List<String> adapters,
      PromptEncoder encoder,
      Samplers samplers,
      Resumer resumer) {
    this.modelName = modelName;
    this.contextTokens = contextTokens;
    this.adapters = List.copyOf(adapters);
    this.encoder = encoder;
    this.samplers = samplers;
    this.resumer = resumer;
  }

  /**
   * Gives the generation its samples, with the tokens that they had before where it is resumed.
   *
   * @return number of the request's adapter; 0 for none
   * @throws GenerationException naming what is wrong with the request and the remedy
   */
  int prepare(Generation generation) throws GenerationException {
    GenerationRequest request = generation.request();
    requireModel(request);
    if (request.ignoreEndOfSequence() && !request.output().equals(OutputFormat.TEXT)) {
      throw refusal(
          request,
          RuntimeErrorCode.INVALID_PARAMETER,
          "an answer of a given format ends by itself; do not ignore its end");
    }
    int adapter = adapterNumber(request);
    Prompt written =
        ChatMlTools.areIn(request)
            ? ChatMlTools.plain(request, encoder.speaksChatMl())
            : request.prompt();
    Encoded prompt = encoder.encode(request.requestId(), written);
    int promptTokens = prompt.tokens().length;
    if (promptTokens >= contextTokens) {
      throw refusal(
          request,
          RuntimeErrorCode.PROMPT_TOO_LONG,
          "the prompt has %d tokens but a sequence holds %d with its completion; shorten it or raise the context"
              .formatted(promptTokens, contextTokens));
    }
    int room = contextTokens - promptTokens;
    int maxTokens = Math.min(room, request.sampling().maxTokens().orElse(room));
    long seed =
        request.sampling().seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(SEEDS));
    List<SampleRun> samples = new ArrayList<>(request.samples());
    try {
      Samplers.Factory factory = samplers.forRequest(request, prompt);
      for (int index = 0; index < request.samples(); index++) {
        SequenceSampler sampler = factory.create((seed + index) % SEEDS);
        samples.add(
            new SampleRun(
                sequences++,
                index,
                generation,
                prompt.tokens(),
                maxTokens,
                sampler,
                new CompletionText(
                    request.sampling().stop(), prompt.insideReasoning(), toolCalls(request))));
      }
      if (request.resumption().isPresent()) {
        resumer.resume(request, request.resumption().get(), samples);
      }
    } catch (GenerationException | RuntimeException e) {
      samples.forEach(SampleRun::close);
      throw e;
    }
    generation.prepare(samples, promptTokens, maxTokens, seed);
    return adapter;
  }

  private void requireModel(GenerationRequest request) throws GenerationException {
    Optional<String> wanted = request.model();
    if (wanted.isPresent() && !wanted.get().equals(modelName)) {
      throw refusal(
          request,
          RuntimeErrorCode.UNKNOWN_MODEL,
          "the request wants model %s but this runtime serves %s"
              .formatted(wanted.get(), modelName));
    }
  }

  private static Optional<ToolCallSplitter> toolCalls(GenerationRequest request) {
    return ChatMlTools.offered(request)
        ? Optional.of(new ToolCallSplitter(ChatMlTools.callsIn(request.prompt())))
        : Optional.empty();
  }

  private int adapterNumber(GenerationRequest request) throws GenerationException {
    if (request.adapter().isEmpty()) {
      return 0;
    }
    int index = adapters.indexOf(request.adapter().get());
    if (index < 0) {
      throw refusal(
          request,
          RuntimeErrorCode.UNKNOWN_MODEL,
          "the request wants adapter %s but this runtime has loaded %s"
              .formatted(request.adapter().get(), adapters.isEmpty() ? "none" : adapters));
    }
    return index + 1;
  }

  private static GenerationException refusal(
      GenerationRequest request, RuntimeErrorCode code, String message) {
    return new GenerationException(request.requestId(), code, message);
  }
}
