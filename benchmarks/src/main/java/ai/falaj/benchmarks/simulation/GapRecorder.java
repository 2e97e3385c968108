package ai.falaj.benchmarks.simulation;

import java.util.Arrays;

/** Times between two tokens of a request: millions of them. Confined to its simulation. */
final class GapRecorder {

  private long[] gaps = new long[1 << 16];
  private int count;

  void add(long nanos) {
    if (count == gaps.length) {
      gaps = Arrays.copyOf(gaps, 2 * count);
    }
    gaps[count++] = nanos;
  }

  /** All that were added, smallest first. */
  long[] sorted() {
    long[] sorted = Arrays.copyOf(gaps, count);
    Arrays.parallelSort(sorted);
    return sorted;
  }
}
