package ai.falaj.operators;

import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.Map;

/** Makes the record that answers a request. Any thread. */
final class CompletionMapper {

  private final RuntimeInfo runtime;

  CompletionMapper(RuntimeInfo runtime) {
    this.runtime = runtime;
  }

  /**
   * @param nowMs milliseconds since the epoch
   */
  Completion completed(ActiveRequest request, GenerationResult result, long nowMs) {
    GenerationResult.Usage usage = result.usage();
    GenerationResult.Timings timings = result.timings();
    long beforeSubmissionMs = Math.max(0, request.submittedAtMs - request.receivedAtMs);
    return completion(
        request,
        result.answer(),
        result.reasoning().isEmpty() ? null : result.reasoning(),
        Values.finishReason(result.finishReason()),
        new Usage(
            usage.promptTokens(),
            usage.cachedTokens(),
            usage.reasoningTokens(),
            usage.completionTokens()),
        new Timings(
            beforeSubmissionMs + timings.queueTimeMs(),
            beforeSubmissionMs + timings.timeToFirstTokenMs(),
            beforeSubmissionMs + timings.totalTimeMs()),
        result.seed(),
        result.effectiveMaxTokens(),
        nowMs);
  }

  /** For a request that was cancelled while the runtime did not have it. */
  Completion cancelled(ActiveRequest request, long nowMs) {
    long waitedMs = Math.max(0, nowMs - request.receivedAtMs);
    SamplingParameters sampling = request.generation.sampling();
    return completion(
        request,
        "",
        null,
        FinishReason.CANCELLED,
        new Usage(0, 0, 0, 0),
        new Timings(waitedMs, waitedMs, waitedMs),
        sampling.seed().orElse(0),
        sampling.maxTokens().orElse(runtime.contextTokensPerSequence()),
        nowMs);
  }

  private Completion completion(
      ActiveRequest request,
      String answer,
      String reasoning,
      FinishReason reason,
      Usage usage,
      Timings timings,
      long seed,
      int maxTokens,
      long nowMs) {
    Provenance provenance =
        new Provenance(
            runtime.model(),
            runtime.modelSha256().orElse(null),
            runtime.engine(),
            runtime.engineVersion(),
            runtime.quantization().orElse(null),
            seed,
            used(request.generation.sampling(), seed, maxTokens),
            Math.max(1, request.generations));
    return new Completion(
        request.requestId(),
        request.request().getConversationId(),
        request.request().getTenant(),
        answer,
        reasoning,
        reason,
        usage,
        timings,
        provenance,
        Map.copyOf(request.request().getMetadata()),
        Instant.ofEpochMilli(nowMs));
  }

  private static ai.falaj.schemas.SamplingParameters used(
      SamplingParameters sampling, long seed, int maxTokens) {
    return new ai.falaj.schemas.SamplingParameters(
        sampling.temperature(),
        sampling.topP(),
        sampling.topK(),
        sampling.minP(),
        maxTokens,
        seed,
        sampling.stop(),
        1,
        sampling.presencePenalty(),
        sampling.frequencyPenalty(),
        null);
  }
}
