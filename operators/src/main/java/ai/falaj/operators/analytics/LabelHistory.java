package ai.falaj.operators.analytics;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What is usual for the labels of a group, in windows of one length: exponentially weighted means
 * of their counts. A window without a label, or without any record, counts as 0 for it. Immutable.
 *
 * @param windows that closed, at least those from the first on, the empty ones included
 * @param lastStartMs of the newest window in the means; of no matter where there is none
 * @param means by label, as of the newest window
 */
public record LabelHistory(long windows, long lastStartMs, Map<String, Double> means) {

  static final LabelHistory EMPTY = new LabelHistory(0, 0, Map.of());

  /** Labels that have become this rare are forgotten. */
  private static final double FORGOTTEN_BELOW = 0.01;

  public LabelHistory {
    means = Map.copyOf(means);
  }

  /**
   * The usual count of a label in a window.
   *
   * @param settings whose warm-up decides from when on there is one
   */
  OptionalDouble baseline(String label, long startMs, WindowSize size, TrendSettings settings) {
    long passed = passed(startMs, size);
    if (windows + passed - 1 < settings.warmUpWindows() || passed < 1) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        means.getOrDefault(label, 0.0) * Math.pow(1 - settings.weight(), passed - 1));
  }

  /**
   * The history with one more closed window. A window that is not newer than the newest changes
   * nothing.
   */
  LabelHistory after(
      long startMs, WindowSize size, Map<String, Long> counts, TrendSettings settings) {
    long passed = passed(startMs, size);
    if (passed < 1) {
      return this;
    }
    double kept = Math.pow(1 - settings.weight(), passed);
    Map<String, Double> next = new TreeMap<>();
    means.forEach((label, mean) -> next.put(label, mean * kept));
    counts.forEach((label, count) -> next.merge(label, count * settings.weight(), Double::sum));
    next.values().removeIf(mean -> mean < FORGOTTEN_BELOW);
    return new LabelHistory(windows + passed, startMs, next);
  }

  /** Windows from the newest one to that one; 1 where it is the next, or the first of all. */
  private long passed(long startMs, WindowSize size) {
    return windows == 0 ? 1 : (startMs - lastStartMs) / size.lengthMs();
  }
}
