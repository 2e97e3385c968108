package ai.falaj.benchmarks;

import java.util.stream.DoubleStream;

/** The middle of measurements that a noisy machine scatters. */
public final class Medians {

  private Medians() {}

  /** The median; the mean of the two middle values where their number is even. */
  public static double of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no values, no median");
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
