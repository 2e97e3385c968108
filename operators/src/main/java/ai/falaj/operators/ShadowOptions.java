package ai.falaj.operators;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How much a {@link ShadowOperator} may take.
 *
 * @param maxInFlight copies that one subtask generates at once; what comes beyond is dropped
 * @param timeout after which a copy is given up; also how long the end of a bounded input may wait
 *     for the last ones
 */
public record ShadowOptions(int maxInFlight, Duration timeout) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final ShadowOptions DEFAULT = new ShadowOptions(16, Duration.ofMinutes(10));

  /**
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public ShadowOptions {
    Objects.requireNonNull(timeout, "timeout");
    if (maxInFlight < 1) {
      throw new IllegalArgumentException(
          "maxInFlight is " + maxInFlight + "; it must be 1 or more");
    }
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is " + timeout + "; it must be more than 0");
    }
  }
}
