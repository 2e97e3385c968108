package ai.falaj.jobs.dashboard.state;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;

/**
 * Quantiles of durations in milliseconds, each within 1%: the sketch of the analytics job, so that
 * both tell the same of the same records. Not thread-safe.
 */
final class Latencies {

  private static final double RELATIVE_ACCURACY = 0.01;

  private DDSketch sketch;

  /**
   * @param milliseconds below 0 counts as 0
   */
  void add(long milliseconds) {
    own().accept(Math.max(0, milliseconds));
  }

  void add(Latencies other) {
    if (other.sketch != null) {
      own().mergeWith(other.sketch);
    }
  }

  /** The value of rank floor(quantile * (count - 1)), counted from 0; null where there are none. */
  Double valueAt(double quantile) {
    return sketch == null ? null : sketch.getValueAtQuantile(quantile);
  }

  private DDSketch own() {
    if (sketch == null) {
      sketch = DDSketches.unboundedDense(RELATIVE_ACCURACY);
    }
    return sketch;
  }
}
