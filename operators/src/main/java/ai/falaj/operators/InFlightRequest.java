package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a checkpoint holds of a request that was accepted and not answered. Immutable: the
 * checkpoint's asynchronous part serializes it while the operator goes on.
 *
 * @param elementTimestampMs event time of the stream element, where it had one
 * @param receivedAtMs when an operator first received it, in milliseconds since the epoch
 * @param firstTokenAtMs when its first token was there, in milliseconds since the epoch
 * @param attempt of the chunks that were being sent; 1 for the first
 * @param generations how often a runtime accepted it
 * @param failures generations that failed and were tried again
 * @param cancelled whether its cancellation was received
 * @param modelSha256 of the model that generated the tokens, where its engine tells
 * @param samples what it had generated, by index of the sample; empty with a completion
 * @param historyDigest of what was said before in its conversation; empty until its turn came, and
 *     in state of before conversations
 * @param rounds generations that ended with calls; only the last may have open ones, which it waits
 *     for then; empty with a completion
 * @param repeated whether the completion was published before, for a request that came earlier
 * @param completion the result, where it only waited for its turn
 */
public record InFlightRequest(
    PromptRecord prompt,
    OptionalLong elementTimestampMs,
    long receivedAtMs,
    OptionalLong firstTokenAtMs,
    int attempt,
    int generations,
    int failures,
    boolean cancelled,
    Optional<String> modelSha256,
    List<SampleProgress> samples,
    OptionalLong historyDigest,
    List<ToolRound> rounds,
    boolean repeated,
    Optional<Completion> completion) {

  public InFlightRequest {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(elementTimestampMs, "elementTimestampMs");
    Objects.requireNonNull(firstTokenAtMs, "firstTokenAtMs");
    Objects.requireNonNull(modelSha256, "modelSha256");
    samples = List.copyOf(samples);
    Objects.requireNonNull(historyDigest, "historyDigest");
    rounds = List.copyOf(rounds);
    Objects.requireNonNull(completion, "completion");
    if (attempt < 1 || generations < 0 || failures < 0) {
      throw new IllegalArgumentException(
          "attempt is %d, generations %d, failures %d".formatted(attempt, generations, failures));
    }
    if (!(prompt.content() instanceof PromptRecord.Request)) {
      throw new IllegalArgumentException("only a request can be in flight: " + prompt.origin());
    }
  }
}
