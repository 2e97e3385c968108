package ai.falaj.operators;

import ai.falaj.runtime.GenerationResult;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.TokenLogprob;
import ai.falaj.schemas.TopLogprob;
import java.util.List;
import java.util.stream.IntStream;

/** Samples of a result in terms of the schemas. Stateless. */
final class SampleRecords {

  private SampleRecords() {}

  static List<CompletionSample> of(List<GenerationResult.Sample> samples) {
    if (samples.size() == 1) {
      return List.of(sample(0, samples.get(0)));
    }
    return IntStream.range(0, samples.size())
        .mapToObj(index -> sample(index, samples.get(index)))
        .toList();
  }

  /** Of a request that was cancelled while the runtime did not have it. */
  static List<CompletionSample> cancelled(int samples) {
    return IntStream.range(0, samples)
        .mapToObj(
            index -> new CompletionSample(index, "", null, FinishReason.CANCELLED, 0, 0, List.of()))
        .toList();
  }

  private static CompletionSample sample(int index, GenerationResult.Sample sample) {
    return new CompletionSample(
        index,
        sample.answer(),
        sample.reasoning().isEmpty() ? null : sample.reasoning(),
        Values.finishReason(sample.finishReason()),
        sample.reasoningTokens(),
        sample.completionTokens(),
        sample.logprobs().isEmpty()
            ? List.of()
            : sample.logprobs().stream().map(SampleRecords::logprob).toList());
  }

  private static TokenLogprob logprob(ai.falaj.runtime.TokenLogprob logprob) {
    return new TokenLogprob(
        logprob.token(),
        logprob.text(),
        logprob.logprob(),
        logprob.top().stream()
            .map(top -> new TopLogprob(top.token(), top.text(), top.logprob()))
            .toList());
  }
}
