package ai.falaj.jobs.client;

import ai.falaj.schemas.ChunkAssembler;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionAssembler;
import ai.falaj.schemas.CompletionSample;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.TokenLogprob;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One answer to a prompt, for the eye.
 *
 * @param reasoning empty where there is none
 */
record ShownSample(
    int index,
    String reasoning,
    String answer,
    FinishReason finishReason,
    int tokens,
    List<TokenLogprob> logprobs) {

  ShownSample {
    logprobs = List.copyOf(logprobs);
  }

  /** All samples of a completion; the completion itself where it has one only. */
  static List<ShownSample> of(Completion completion) {
    if (completion.getSamples().isEmpty()) {
      return List.of(
          new ShownSample(
              0,
              orEmpty(completion.getReasoning()),
              completion.getAnswer(),
              completion.getFinishReason(),
              completion.getUsage().getCompletionTokens(),
              completion.getLogprobs()));
    }
    return completion.getSamples().stream().map(ShownSample::of).toList();
  }

  private static ShownSample of(CompletionSample sample) {
    return new ShownSample(
        sample.getIndex(),
        orEmpty(sample.getReasoning()),
        sample.getAnswer(),
        sample.getFinishReason(),
        sample.getCompletionTokens(),
        sample.getLogprobs());
  }

  /**
   * All samples as their chunks tell them.
   *
   * @throws java.util.NoSuchElementException where one is not complete
   */
  static List<ShownSample> of(CompletionAssembler text) {
    return IntStream.range(0, text.samples())
        .mapToObj(index -> of(index, text.sample(index)))
        .toList();
  }

  private static ShownSample of(int index, ChunkAssembler sample) {
    return new ShownSample(
        index,
        sample.reasoning(),
        sample.answer(),
        sample.finishReason().orElseThrow(),
        sample.tokens(),
        List.of());
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
