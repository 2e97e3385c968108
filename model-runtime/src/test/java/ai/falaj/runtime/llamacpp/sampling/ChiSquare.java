package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** Pearson's test of what was counted against what was expected. */
final class ChiSquare {

  private static final double LEAST_EXPECTED = 5;

  /** One in a million: seeds are fixed, so a correct sampler passes always or never. */
  private static final double NORMAL_QUANTILE = 4.75;

  private ChiSquare() {}

  /**
   * @param probabilities of the categories; those that expect too few counts are taken together
   */
  static void assertFits(long[] counts, double[] probabilities) {
    long total = Arrays.stream(counts).sum();
    double statistic = 0;
    int categories = 0;
    double rareExpected = 0;
    long rareCount = 0;
    for (int index = 0; index < counts.length; index++) {
      double expected = total * probabilities[index];
      if (expected == 0) {
        assertThat(counts[index]).as("count of impossible category " + index).isZero();
      } else if (expected < LEAST_EXPECTED) {
        rareExpected += expected;
        rareCount += counts[index];
      } else {
        statistic += square(counts[index] - expected) / expected;
        categories++;
      }
    }
    if (rareExpected >= LEAST_EXPECTED) {
      statistic += square(rareCount - rareExpected) / rareExpected;
      categories++;
    }
    assertThat(statistic)
        .as("chi-square of %d categories, %d counts", categories, total)
        .isLessThan(criticalValue(categories - 1));
  }

  /** Wilson and Hilferty's approximation. */
  private static double criticalValue(int degreesOfFreedom) {
    double variance = 2.0 / (9 * degreesOfFreedom);
    double root = 1 - variance + NORMAL_QUANTILE * Math.sqrt(variance);
    return degreesOfFreedom * root * root * root;
  }

  private static double square(double value) {
    return value * value;
  }
}
