package ai.falaj.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Tells from samples between runtimes whether anything is left behind. The first third of them
 * warms up: libraries are loaded, code is compiled, arenas find their size.
 */
final class LeakCheck {

  /** Fewer samples than this after the warm-up make no trend. */
  private static final int MIN_SAMPLES = 3;

  private static final double MIB = 1 << 20;

  /** What the JVM itself allocates more while it still compiles. */
  private static final double NATIVE_TOLERANCE_BYTES = 8 * MIB;

  /** Fragmentation, and the pages of the Java heap that are touched for the first time. */
  private static final double RESIDENT_TOLERANCE_BYTES = 64 * MIB;

  private LeakCheck() {}

  /** Whether there are enough samples to tell. */
  static boolean isJudged(List<ResourceSample> samples) {
    return afterWarmUp(samples).size() >= MIN_SAMPLES;
  }

  /** What grew, in words; empty where nothing did. */
  static List<String> leaks(List<ResourceSample> samples) {
    List<ResourceSample> counted = afterWarmUp(samples);
    List<String> leaks = new ArrayList<>();
    growth(counted, "native memory", ResourceSample::nativeBytes, NATIVE_TOLERANCE_BYTES, leaks);
    growth(
        counted, "resident memory", ResourceSample::residentBytes, RESIDENT_TOLERANCE_BYTES, leaks);
    threads(counted, leaks);
    return leaks;
  }

  private static List<ResourceSample> afterWarmUp(List<ResourceSample> samples) {
    return samples.subList(samples.size() / 3, samples.size());
  }

  private static void growth(
      List<ResourceSample> samples,
      String what,
      Function<ResourceSample, OptionalLong> figure,
      double tolerance,
      List<String> leaks) {
    List<Trend.Point> points =
        samples.stream()
            .filter(sample -> figure.apply(sample).isPresent())
            .map(sample -> new Trend.Point(sample.second(), figure.apply(sample).getAsLong()))
            .toList();
    if (points.size() < MIN_SAMPLES) {
      return;
    }
    Trend trend = Trend.of(points);
    if (trend.grewBeyond(tolerance)) {
      leaks.add(
          String.format(
              Locale.ROOT,
              "%s grew by %.1f MiB, scatter %.1f MiB",
              what,
              trend.growth() / MIB,
              trend.scatter() / MIB));
    }
  }

  /**
   * A leaked thread never goes away: it is in both of the last samples and was not in the first.
   */
  private static void threads(List<ResourceSample> samples, List<String> leaks) {
    if (samples.size() < MIN_SAMPLES) {
      return;
    }
    List<String> first = samples.get(0).threads();
    List<String> last = added(first, samples.get(samples.size() - 1).threads());
    List<String> beforeLast = added(first, samples.get(samples.size() - 2).threads());
    added(beforeLast, last).forEach(last::remove);
    if (!last.isEmpty()) {
      leaks.add("threads stayed: " + String.join(", ", last));
    }
  }

  /** Names that are more often in the second list. */
  private static List<String> added(List<String> before, List<String> after) {
    List<String> added = new ArrayList<>(after);
    before.forEach(added::remove);
    return added;
  }
}
