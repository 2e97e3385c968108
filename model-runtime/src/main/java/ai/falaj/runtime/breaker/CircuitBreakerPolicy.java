package ai.falaj.runtime.breaker;

import java.io.Serializable;
import java.time.Duration;

/**
 * When a {@link CircuitBreaker} opens, and for how long.
 *
 * @param failuresToOpen failures without a success between them; 0: never
 * @param firstWait until the first probe
 * @param longestWait bound of the wait, which doubles with each probe that fails
 */
public record CircuitBreakerPolicy(int failuresToOpen, Duration firstWait, Duration longestWait)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public CircuitBreakerPolicy {
    if (failuresToOpen < 0) {
      throw new IllegalArgumentException(
          "failuresToOpen is " + failuresToOpen + "; it must be 0 (never) or more");
    }
    if (firstWait.isNegative() || firstWait.isZero() || firstWait.compareTo(longestWait) > 0) {
      throw new IllegalArgumentException(
          "firstWait is %s and longestWait %s; the first must be above 0 and at most the second"
              .formatted(firstWait, longestWait));
    }
  }

  boolean isEnabled() {
    return failuresToOpen > 0;
  }
}
