package ai.falaj.benchmarks.delivery;

import java.util.Arrays;

/** How fast records came into a topic, by the broker's own times of their appends. */
public final class AppendRate {

  private static final double MS_PER_SECOND = 1_000;

  private AppendRate() {}

  /**
   * Records a second, of all but the first tenth: a job's subtasks do not start at the same moment.
   *
   * @param appendedAtMs of each record, in any order; at least ten
   * @throws IllegalArgumentException where there are fewer, or all came within one millisecond
   */
  public static double perSecond(long[] appendedAtMs) {
    long[] sorted = appendedAtMs.clone();
    Arrays.sort(sorted);
    int first = sorted.length / 10;
    if (first == 0) {
      throw new IllegalArgumentException(
          sorted.length + " records have no rate; append 10 or more");
    }
    long ms = sorted[sorted.length - 1] - sorted[first];
    if (ms == 0) {
      throw new IllegalArgumentException("all records came at once; append more of them");
    }
    return (sorted.length - 1 - first) * MS_PER_SECOND / ms;
  }
}
