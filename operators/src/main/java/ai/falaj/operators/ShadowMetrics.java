package ai.falaj.operators;

import ai.falaj.runtime.RuntimeErrorCode;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * What became of the copies that one subtask got: {@code shadow_success_total}, {@code
 * shadow_dropped_total} for want of room, {@code shadow_rejected_total} that could not be asked,
 * {@code shadow_failures_total} by the label {@code code}. Confined to the task mailbox thread.
 */
final class ShadowMetrics {

  private final Counter successes;
  private final Counter dropped;
  private final Counter rejected;
  private final Map<RuntimeErrorCode, Counter> failures = new EnumMap<>(RuntimeErrorCode.class);

  ShadowMetrics(MetricGroup group, IntSupplier inFlight) {
    successes = group.counter("shadow_success_total");
    dropped = group.counter("shadow_dropped_total");
    rejected = group.counter("shadow_rejected_total");
    for (RuntimeErrorCode code : RuntimeErrorCode.values()) {
      failures.put(
          code,
          group
              .addGroup("code", code.name().toLowerCase(Locale.ROOT))
              .counter("shadow_failures_total"));
    }
    group.gauge("shadows_in_flight", inFlight::getAsInt);
  }

  void succeeded() {
    successes.inc();
  }

  void dropped() {
    dropped.inc();
  }

  void rejected() {
    rejected.inc();
  }

  void failed(RuntimeErrorCode code) {
    failures.get(code).inc();
  }
}
