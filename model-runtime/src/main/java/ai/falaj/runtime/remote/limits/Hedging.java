package ai.falaj.runtime.remote.limits;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether requests whose first token is late are asked a second time, and which.
 *
 * @param quantile of the waits for the first token, above which one counts as late; above 0 and
 *     below 1
 * @param atLeast no request counts as late before
 * @param maxShare of all requests that may be asked twice; 0 turns hedging off
 */
public record Hedging(double quantile, Duration atLeast, double maxShare) implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final Hedging OFF = new Hedging(0.95, Duration.ofSeconds(1), 0);

  public Hedging {
    Objects.requireNonNull(atLeast, "atLeast");
    if (!(quantile > 0 && quantile < 1 && maxShare >= 0 && maxShare <= 1) || atLeast.isNegative()) {
      throw new IllegalArgumentException(
          "hedging is at quantile %s, after %s or more, for a share of %s; the quantile must be between 0 and 1, the share 0 to 1"
              .formatted(quantile, atLeast, maxShare));
    }
  }

  /** The slowest requests, above this quantile, are asked twice, and at most a tenth of all. */
  public static Hedging aboveQuantile(double quantile, Duration atLeast) {
    return new Hedging(quantile, atLeast, 0.1);
  }

  public boolean isOn() {
    return maxShare > 0;
  }
}
