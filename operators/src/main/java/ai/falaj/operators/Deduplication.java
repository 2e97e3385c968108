package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;

/**
 * Whether a request that comes again is answered again.
 *
 * @param timeToLive how long a request id is remembered after it was seen first; zero: not at all
 * @param answerAgain whether a request that comes again after its completion gets the same
 *     completion once more, which is kept in state for it; otherwise it is dropped
 */
public record Deduplication(Duration timeToLive, boolean answerAgain) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final Deduplication NONE = new Deduplication(Duration.ZERO, false);

  public Deduplication {
    if (timeToLive.isNegative()) {
      throw new IllegalArgumentException(
          "timeToLive is " + timeToLive + "; it must be 0 (off) or more");
    }
  }

  boolean isEnabled() {
    return !timeToLive.isZero();
  }
}
