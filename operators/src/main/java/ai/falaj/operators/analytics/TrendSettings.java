package ai.falaj.operators.analytics;

import java.io.Serializable;

/**
 * When a count is unusual. Counts are taken for Poisson distributed: the standard deviation of a
 * usual count m is its square root, and 1 for fewer than one.
 *
 * @param windows over which the usual count is averaged: the newest has the weight 2 / (windows +
 *     1)
 * @param warmUpWindows without which nothing is called unusual
 * @param burstDeviations standard deviations above the usual count that make a burst
 * @param burstMinCount counts below it are no burst
 */
public record TrendSettings(
    int windows, int warmUpWindows, double burstDeviations, long burstMinCount)
    implements Serializable {

  public static final TrendSettings DEFAULT = new TrendSettings(10, 3, 4.0, 10);

  private static final double TREND_DEVIATIONS = 2.0;

  public TrendSettings {
    if (windows < 1) {
      throw new IllegalArgumentException(
          "windows is " + windows + "; a usual count needs at least 1");
    }
    if (warmUpWindows < 1) {
      throw new IllegalArgumentException(
          "warmUpWindows is " + warmUpWindows + "; a usual count needs at least 1");
    }
    if (!(burstDeviations > 0)) {
      throw new IllegalArgumentException(
          "burstDeviations is " + burstDeviations + "; it must be above 0");
    }
    if (burstMinCount < 1) {
      throw new IllegalArgumentException(
          "burstMinCount is " + burstMinCount + "; it must be at least 1");
    }
  }

  double weight() {
    return 2.0 / (windows + 1);
  }

  boolean isBurst(long count, double baseline) {
    return count >= burstMinCount && deviations(count, baseline) >= burstDeviations;
  }

  String trend(long count, double baseline) {
    double deviations = deviations(count, baseline);
    if (deviations >= TREND_DEVIATIONS) {
      return "RISING";
    }
    return deviations <= -TREND_DEVIATIONS ? "FALLING" : "STEADY";
  }

  private static double deviations(long count, double baseline) {
    return (count - baseline) / Math.sqrt(Math.max(1, baseline));
  }
}
