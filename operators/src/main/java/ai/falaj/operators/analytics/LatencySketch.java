package ai.falaj.operators.analytics;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.store.UnboundedSizeDenseStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Quantiles of durations, in milliseconds, each within {@value #RELATIVE_ACCURACY} of the true one.
 * Immutable, so that sketches may be shared between windows, state and snapshots.
 *
 * <p>A sketch counts values in buckets whose bounds do not depend on the values, so sketches merge
 * without loss: whatever the order and the grouping of the merges, the result is that of a sketch
 * of all values, to the bit. There are at most as many buckets as powers of 1.02 between the
 * smallest and the largest value: 930 from a millisecond to a day.
 */
public final class LatencySketch {

  static final double RELATIVE_ACCURACY = 0.01;

  static final LatencySketch EMPTY = new LatencySketch(newSketch());

  private static final int INITIAL_BYTES = 64;

  /** Never changed once it is here. */
  private final DDSketch sketch;

  private LatencySketch(DDSketch sketch) {
    this.sketch = sketch;
  }

  private static DDSketch newSketch() {
    return DDSketches.unboundedDense(RELATIVE_ACCURACY);
  }

  boolean isEmpty() {
    return sketch.isEmpty();
  }

  long count() {
    return Math.round(sketch.getCount());
  }

  /**
   * The value of rank floor(quantile * (count - 1)), counted from 0; empty where there are none.
   *
   * @param quantile 0 to 1
   */
  OptionalDouble valueAt(double quantile) {
    return isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(sketch.getValueAtQuantile(quantile));
  }

  /** For {@link #ofBytes}. */
  public byte[] toBytes() {
    GrowingByteArrayOutput out = GrowingByteArrayOutput.withInitialCapacity(INITIAL_BYTES);
    try {
      sketch.encode(out, false);
    } catch (IOException e) {
      throw new IllegalStateException("writing into memory cannot fail", e);
    }
    return out.trimmedCopy();
  }

  /**
   * @throws IOException where the bytes are no sketch
   */
  public static LatencySketch ofBytes(byte[] bytes) throws IOException {
    return new LatencySketch(
        DDSketch.decode(ByteArrayInput.wrap(bytes), UnboundedSizeDenseStore::new));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LatencySketch that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Long.hashCode(count());
  }

  @Override
  public String toString() {
    return "LatencySketch[" + count() + " values]";
  }

  /** Makes one. Confined to its owner. */
  static final class Builder {

    private DDSketch values;

    /**
     * @param milliseconds below 0 counts as 0
     */
    void add(long milliseconds) {
      own().accept(Math.max(0, milliseconds));
    }

    void add(LatencySketch other) {
      if (!other.isEmpty()) {
        own().mergeWith(other.sketch);
      }
    }

    private DDSketch own() {
      if (values == null) {
        values = newSketch();
      }
      return values;
    }

    /** What was added; nothing may be added after it. */
    LatencySketch build() {
      return values == null ? EMPTY : new LatencySketch(values);
    }
  }
}
