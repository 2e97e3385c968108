package ai.falaj.benchmarks;

import java.util.Collection;
import java.util.OptionalLong;

/** Percentiles of a few thousand values, by nearest rank: each is a value that was seen. */
public final class Percentiles {

  private final long[] sorted;

  private Percentiles(long[] sorted) {
    this.sorted = sorted;
  }

  public static Percentiles of(Collection<Long> values) {
    return new Percentiles(values.stream().mapToLong(Long::longValue).sorted().toArray());
  }

  /**
   * The smallest value that at least so many percent of the values do not exceed; empty where there
   * are no values.
   *
   * @param percent above 0, at most 100
   */
  public OptionalLong at(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percent is " + percent + "; it must be above 0 to 100");
    }
    if (sorted.length == 0) {
      return OptionalLong.empty();
    }
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return OptionalLong.of(sorted[rank - 1]);
  }
}
