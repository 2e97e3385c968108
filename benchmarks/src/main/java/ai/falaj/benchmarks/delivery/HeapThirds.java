package ai.falaj.benchmarks.delivery;

import ai.falaj.benchmarks.Medians;
import java.util.List;

/**
 * Whether a heap grew: what the first and the last third of a run held after collections.
 *
 * @param first third of the measurements
 * @param last third of the measurements
 */
public record HeapThirds(Range first, Range last) {

  /** Bytes. */
  public record Range(long min, long median, long max) {

    static Range of(List<Long> bytes) {
      return new Range(
          bytes.stream().mapToLong(Long::longValue).min().orElseThrow(),
          (long) Medians.of(bytes.stream().mapToDouble(Long::doubleValue)),
          bytes.stream().mapToLong(Long::longValue).max().orElseThrow());
    }
  }

  /**
   * @param heapBytes after collections, in order of time; at least three
   */
  public static HeapThirds of(List<Long> heapBytes) {
    int third = heapBytes.size() / 3;
    if (third == 0) {
      throw new IllegalArgumentException(
          heapBytes.size() + " measurements have no thirds; measure longer");
    }
    return new HeapThirds(
        Range.of(heapBytes.subList(0, third)),
        Range.of(heapBytes.subList(heapBytes.size() - third, heapBytes.size())));
  }

  /** The median of the last third to that of the first. */
  public double growth() {
    return (double) last.median() / first.median();
  }
}
