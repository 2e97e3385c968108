package ai.falaj.operators;

import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Makes the record that answers a request. Any thread. */
final class CompletionMapper {

  private static final ai.falaj.schemas.SamplingParameters NOTHING_ASKED =
      ai.falaj.schemas.SamplingParameters.newBuilder().build();

  private static final GenerationResult.Usage NOTHING_USED = new GenerationResult.Usage(0, 0, 0, 0);

  private final ServedModels models;

  CompletionMapper(ServedModels models) {
    this.models = models;
  }

  /**
   * @param nowMs milliseconds since the epoch
   */
  Completion completed(ActiveRequest request, GenerationResult result, long nowMs) {
    // Its file may have been replaced since the operator opened.
    RuntimeInfo model = result.servedBy().orElseGet(() -> asked(request));
    GenerationResult.Timings timings = result.timings();
    long beforeSubmissionMs = Math.max(0, request.submittedAtMs - request.receivedAtMs);
    long firstTokenMs = beforeSubmissionMs + timings.timeToFirstTokenMs();
    if (request.firstTokenAtMs.isPresent()) { // in an attempt before, perhaps in another process
      firstTokenMs =
          Math.min(
              firstTokenMs, Math.max(0, request.firstTokenAtMs.getAsLong() - request.receivedAtMs));
    }
    return completion(
        request,
        model,
        SampleRecords.of(result.samples()),
        usage(request.rounds, result.usage()),
        new Timings(
            Math.min(firstTokenMs, beforeSubmissionMs + timings.queueTimeMs()),
            firstTokenMs,
            beforeSubmissionMs + timings.totalTimeMs()),
        result.seed(),
        result.effectiveMaxTokens(),
        nowMs);
  }

  /** For a request that was cancelled while the runtime did not have it. */
  Completion cancelled(ActiveRequest request, long nowMs) {
    long waitedMs = Math.max(0, nowMs - request.receivedAtMs);
    SamplingParameters sampling = request.generation.sampling();
    RuntimeInfo model = asked(request);
    return completion(
        request,
        model,
        SampleRecords.cancelled(request.generation.samples()),
        usage(request.rounds, NOTHING_USED),
        new Timings(waitedMs, waitedMs, waitedMs),
        sampling.seed().orElse(0),
        sampling.maxTokens().orElse(model.contextTokensPerSequence()),
        nowMs);
  }

  private static Usage usage(List<ToolRound> rounds, GenerationResult.Usage last) {
    Usage sum =
        new Usage(
            last.promptTokens(),
            last.cachedTokens(),
            last.reasoningTokens(),
            last.completionTokens());
    for (ToolRound round : rounds) {
      sum.setPromptTokens(sum.getPromptTokens() + round.usage().promptTokens());
      sum.setCachedTokens(sum.getCachedTokens() + round.usage().cachedTokens());
      sum.setReasoningTokens(sum.getReasoningTokens() + round.usage().reasoningTokens());
      sum.setCompletionTokens(sum.getCompletionTokens() + round.usage().completionTokens());
    }
    return sum;
  }

  private RuntimeInfo asked(ActiveRequest request) {
    return models.of(request.generation.model());
  }

  private Completion completion(
      ActiveRequest request,
      RuntimeInfo model,
      List<CompletionSample> samples,
      Usage usage,
      Timings timings,
      long seed,
      int maxTokens,
      long nowMs) {
    Provenance provenance =
        new Provenance(
            model.model(),
            model.modelSha256().orElse(null),
            model.engine(),
            model.engineVersion(),
            model.quantization().orElse(null),
            seed,
            used(request, seed, maxTokens),
            Math.max(1, request.generations - request.rounds.size()),
            request.generation.adapter().orElse(null));
    CompletionSample first = samples.get(0);
    return new Completion(
        request.requestId(),
        request.request().getConversationId(),
        request.request().getTenant(),
        first.getAnswer(),
        first.getReasoning(),
        first.getFinishReason(),
        usage,
        timings,
        provenance,
        Map.copyOf(request.request().getMetadata()),
        Instant.ofEpochMilli(nowMs),
        first.getLogprobs(),
        samples.size() == 1 ? List.of() : samples,
        ToolRound.calledTools(request.rounds));
  }

  /** What the client asked for, with what the runtime made of the rest. */
  private static ai.falaj.schemas.SamplingParameters used(
      ActiveRequest request, long seed, int maxTokens) {
    ai.falaj.schemas.SamplingParameters asked =
        Objects.requireNonNullElse(request.request().getSampling(), NOTHING_ASKED);
    SamplingParameters sampling = request.generation.sampling();
    return new ai.falaj.schemas.SamplingParameters(
        sampling.temperature(),
        sampling.topP(),
        sampling.topK(),
        sampling.minP(),
        maxTokens,
        seed,
        asked.getStop(),
        request.generation.samples(),
        sampling.presencePenalty(),
        sampling.frequencyPenalty(),
        asked.getResponseFormat(),
        asked.getRegex(),
        asked.getChoice(),
        asked.getReasoningBudget(),
        sampling.repetitionPenalty(),
        asked.getLogitBias(),
        asked.getLogprobs(),
        asked.getTopLogprobs());
  }
}
