package ai.falaj.benchmarks.paced;

import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Opens a {@link PacedRuntime}.
 *
 * @param model tells one engine of a JVM from another
 * @param maxSequences requests that run at once
 * @param contextTokens bound on the tokens of an answer
 * @param step time between the tokens of a sequence; zero: as fast as one thread goes
 * @param stamped whether each token's text is the time at which it was told, see {@link Stamps}
 * @param complete whether an answer ends as one that the model ended itself, and not as one that
 *     was cut at its longest
 */
public record PacedSpec(
    String model,
    int maxSequences,
    int contextTokens,
    Duration step,
    boolean stamped,
    boolean complete)
    implements RuntimeSpec {

  private static final long serialVersionUID = 1L;

  public PacedSpec {
    Objects.requireNonNull(model, "model");
    if (maxSequences < 1 || contextTokens < 1 || step.isNegative()) {
      throw new IllegalArgumentException(
          "sequences are %d, context tokens %d, the step %s; they must be at least 1, 1 and 0"
              .formatted(maxSequences, contextTokens, step));
    }
  }

  /** Answers as soon as it is asked. */
  public static PacedSpec instant(String model, int maxSequences, int contextTokens) {
    return new PacedSpec(model, maxSequences, contextTokens, Duration.ZERO, false, false);
  }

  /**
   * @param tokensPerSecond of each sequence
   */
  public static PacedSpec paced(
      String model, int maxSequences, int contextTokens, double tokensPerSecond) {
    if (!(tokensPerSecond > 0)) {
      throw new IllegalArgumentException(
          "tokens per second are " + tokensPerSecond + "; they must be more than 0");
    }
    return new PacedSpec(
        model,
        maxSequences,
        contextTokens,
        Duration.ofNanos((long) (1e9 / tokensPerSecond)),
        false,
        false);
  }

  /** The same, with tokens that say when they were told. */
  public PacedSpec withStamps() {
    return new PacedSpec(model, maxSequences, contextTokens, step, true, complete);
  }

  /** The same, with answers that are whole. */
  public PacedSpec withCompleteAnswers() {
    return new PacedSpec(model, maxSequences, contextTokens, step, stamped, true);
  }

  /** What its engines say of themselves. */
  public RuntimeInfo info() {
    return new RuntimeInfo(
        model,
        Optional.empty(),
        step.isZero() ? "instant" : "paced",
        "1",
        Optional.empty(),
        maxSequences,
        contextTokens,
        0);
  }

  @Override
  public PacedRuntime open() {
    return new PacedRuntime(this);
  }

  /** A round leaves nothing to the next one. */
  @Override
  public Optional<Duration> linger() {
    return Optional.of(Duration.ZERO);
  }
}
