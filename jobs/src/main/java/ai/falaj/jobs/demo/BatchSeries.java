package ai.falaj.jobs.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Batch size over time, one value per period. When it is full, every two neighbours become their
 * mean and the period doubles, so a demo of any length fits. Confined to one thread.
 */
final class BatchSeries {

  private static final int CAPACITY = 1_024;
  private static final long FIRST_PERIOD_MS = 100;

  /** Tells the batch size since it was asked last; empty where nothing can be said. */
  interface Sampler {
    OptionalDouble sample();
  }

  private final String label;
  private final Sampler sampler;
  private final List<Double> values = new ArrayList<>();
  private long periodMs = FIRST_PERIOD_MS;
  private long nextAtMs;
  private boolean started;

  /**
   * @param label what the values count, for the chart's title
   */
  BatchSeries(String label, Sampler sampler) {
    this.label = label;
    this.sampler = sampler;
  }

  /** Takes a sample where one is due. */
  void maybeSample(long nowMs) {
    if (!started) {
      started = true;
      nextAtMs = nowMs;
    }
    if (nowMs < nextAtMs) {
      return;
    }
    sampler.sample().ifPresent(values::add);
    nextAtMs = Math.max(nextAtMs + periodMs, nowMs);
    if (values.size() == CAPACITY) {
      halve();
    }
  }

  private void halve() {
    List<Double> halved = new ArrayList<>();
    for (int i = 0; i + 1 < values.size(); i += 2) {
      halved.add((values.get(i) + values.get(i + 1)) / 2);
    }
    values.clear();
    values.addAll(halved);
    periodMs *= 2;
  }

  String label() {
    return label;
  }

  List<Double> values() {
    return List.copyOf(values);
  }

  /** Time between two values. */
  long periodMs() {
    return periodMs;
  }
}
