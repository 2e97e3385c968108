package ai.falaj.jobs.eval.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Means over problems with their 95% confidence intervals. Pure.
 *
 * <p>Where every problem is simply right or wrong, the interval is Wilson's, which holds for few
 * problems and near 0 and 1 (E. B. Wilson, 1927; Brown, Cai and DasGupta, 2001). Elsewhere it is
 * the percentile bootstrap over problems, with a fixed seed: samples of one problem depend on each
 * other, problems do not.
 */
public final class Estimates {

  /** 97.5% quantile of the normal distribution. */
  private static final double Z = 1.959963984540054;

  private static final int RESAMPLES = 10_000;
  private static final long SEED = 20_260_101;
  private static final double TAIL = 0.025;

  private Estimates() {}

  /**
   * The mean of one share per problem.
   *
   * @param shares 0 to 1, at least one of them
   */
  public static Estimate ofShare(double[] shares) {
    requireValues(shares);
    boolean rightOrWrong = Arrays.stream(shares).allMatch(share -> share == 0 || share == 1);
    return rightOrWrong ? wilson(shares) : bootstrap(shares);
  }

  /**
   * The mean of one amount per problem.
   *
   * @param amounts at least one
   */
  public static Estimate ofMean(double[] amounts) {
    requireValues(amounts);
    return bootstrap(amounts);
  }

  private static void requireValues(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values");
    }
  }

  private static Estimate wilson(double[] values) {
    double n = values.length;
    double share = Arrays.stream(values).average().orElseThrow();
    double spread = Z * Z / n;
    double centre = (share + spread / 2) / (1 + spread);
    double half = Z / (1 + spread) * Math.sqrt(share * (1 - share) / n + spread / (4 * n));
    double low = share == 0 ? 0 : centre - half;
    double high = share == 1 ? 1 : centre + half;
    return new Estimate(share, low, high, "wilson");
  }

  private static Estimate bootstrap(double[] values) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] means = new double[RESAMPLES];
    for (int resample = 0; resample < RESAMPLES; resample++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[random.nextInt(values.length)];
      }
      means[resample] = sum / values.length;
    }
    Arrays.sort(means);
    double mean = Arrays.stream(values).average().orElseThrow();
    return new Estimate(mean, at(means, TAIL), at(means, 1 - TAIL), "bootstrap");
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
