package ai.falaj.operators.analytics;

import ai.falaj.operators.analytics.UsageEvent.Answered;
import ai.falaj.operators.analytics.UsageEvent.Failed;
import ai.falaj.operators.analytics.UsageEvent.Streamed;
import java.util.List;

/** Usage events for tests; the start of the time is a multiple of an hour. */
final class Events {

  static final long START_MS = 1_764_000_000_000L;

  private Events() {}

  static UsageEvent answered(long afterMs, String tenant, String... labels) {
    return answered(afterMs, tenant, "k2", 100, labels);
  }

  static UsageEvent answered(
      long afterMs, String tenant, String model, long totalMs, String... labels) {
    return new UsageEvent(
        START_MS + afterMs,
        tenant,
        model,
        "t",
        new Answered(10, 4, 2, 5, totalMs / 4, totalMs, "STOP", true, 1_000, List.of(labels)));
  }

  static UsageEvent failed(long afterMs, String tenant) {
    return new UsageEvent(START_MS + afterMs, tenant, "k2", "t", new Failed("TIMEOUT"));
  }

  static UsageEvent streamed(long afterMs, int tokens) {
    return new UsageEvent(START_MS + afterMs, "", "", "", new Streamed(tokens));
  }
}
