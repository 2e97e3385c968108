package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how fast a failed generation is tried again: exponential backoff with full jitter,
 * so that requests that failed together do not come back together.
 *
 * @param maxAttempts generations of one request that may fail; at least 1
 * @param initialBackoff upper bound of the first wait
 * @param maxBackoff upper bound of all waits
 */
public record RetryPolicy(int maxAttempts, Duration initialBackoff, Duration maxBackoff)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Doubling more often than this overflows, and is beyond any sensible bound. */
  private static final int MAX_DOUBLINGS = 30;

  public static final RetryPolicy DEFAULT =
      new RetryPolicy(3, Duration.ofMillis(200), Duration.ofSeconds(10));

  public RetryPolicy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException(
          "maxAttempts is " + maxAttempts + "; it must be 1 or more");
    }
    if (initialBackoff.isNegative() || initialBackoff.compareTo(maxBackoff) > 0) {
      throw new IllegalArgumentException(
          "initialBackoff is %s and maxBackoff %s; the first must be 0 or more and at most the second"
              .formatted(initialBackoff, maxBackoff));
    }
  }

  /** Whether another attempt is allowed after so many failures. */
  public boolean allowsAfter(int failures) {
    return failures < maxAttempts;
  }

  /**
   * The wait before the next attempt, in milliseconds: uniform between 0 and {@code min(maxBackoff,
   * initialBackoff * 2^(failures - 1))}.
   *
   * @param failures at least 1
   */
  public long backoffMs(int failures, RandomGenerator random) {
    long exponential = initialBackoff.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
    long bound = Math.min(exponential, maxBackoff.toMillis());
    return bound == 0 ? 0 : random.nextLong(bound + 1);
  }
}
