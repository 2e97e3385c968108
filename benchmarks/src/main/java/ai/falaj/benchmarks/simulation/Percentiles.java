package ai.falaj.benchmarks.simulation;

/** Nearest-rank percentiles. */
final class Percentiles {

  private Percentiles() {}

  /**
   * The smallest value that at least {@code share} of all values do not exceed; 0 of none.
   *
   * @param sorted smallest first
   * @param share above 0, at most 1
   */
  static double of(long[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[rank(sorted.length, share)];
  }

  /** As {@link #of(long[], double)}. */
  static double of(double[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[rank(sorted.length, share)];
  }

  private static int rank(int count, double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("no percentile is called " + share);
    }
    return (int) Math.ceil(share * count) - 1;
  }
}
