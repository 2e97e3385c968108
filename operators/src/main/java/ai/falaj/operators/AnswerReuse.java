package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether equal requests are asked once. Requests are equal that have one request id: whoever makes
 * them gives equal questions equal ids, as {@code QuestionId} does. The answer of the first one is
 * everyone's: of those that come while it is in flight, and of those that come within the time to
 * live. Every record still leaves the operator by itself.
 *
 * <p>This is not {@link Deduplication}, for which a record that comes again is the same record.
 *
 * @param timeToLive how long an answer is kept in keyed state; zero: nothing is reused
 */
public record AnswerReuse(Duration timeToLive) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final AnswerReuse NONE = new AnswerReuse(Duration.ZERO);

  public AnswerReuse {
    Objects.requireNonNull(timeToLive, "timeToLive");
    if (timeToLive.isNegative()) {
      throw new IllegalArgumentException(
          "timeToLive is " + timeToLive + "; it must be 0 (off) or more");
    }
  }

  boolean isEnabled() {
    return !timeToLive.isZero();
  }
}
