package ai.falaj.operators.analytics;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.LabelCount;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.UsageWindow;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Makes the records of a window.
 *
 * @param nowMs by the clock of the machine
 */
record WindowRows(WindowSize size, long startMs, GroupKey group, boolean closed, long nowMs) {

  private static final double MS_PER_SECOND = 1_000;

  private String key() {
    return KeyText.escape(size.text())
        + KeyText.SEPARATOR
        + Instant.ofEpochMilli(startMs)
        + KeyText.SEPARATOR
        + group.text();
  }

  OutputRecord<UsageWindow> usage(UsageTotals totals) {
    double seconds = size.lengthMs() / MS_PER_SECOND;
    UsageWindow row =
        UsageWindow.newBuilder()
            .setWindow(size.text())
            .setWindowStart(Instant.ofEpochMilli(startMs))
            .setWindowEnd(Instant.ofEpochMilli(startMs + size.lengthMs()))
            .setGrouping(group.grouping().name())
            .setTenant(group.tenant().orElse(null))
            .setModel(group.model().orElse(null))
            .setTemplate(group.template().orElse(null))
            .setClosed(closed)
            .setRequests(totals.requests())
            .setDeadLetters(totals.deadLetters())
            .setChunks(totals.chunks())
            .setPromptTokens(totals.promptTokens())
            .setCachedTokens(totals.cachedTokens())
            .setReasoningTokens(totals.reasoningTokens())
            .setCompletionTokens(totals.completionTokens())
            .setStreamedTokens(totals.streamedTokens())
            .setCompletionTokensPerSecond(totals.completionTokens() / seconds)
            .setStreamedTokensPerSecond(totals.streamedTokens() / seconds)
            .setTtftP50Ms(quantile(totals.timeToFirstToken(), 0.50))
            .setTtftP95Ms(quantile(totals.timeToFirstToken(), 0.95))
            .setTtftP99Ms(quantile(totals.timeToFirstToken(), 0.99))
            .setTotalP50Ms(quantile(totals.total(), 0.50))
            .setTotalP95Ms(quantile(totals.total(), 0.95))
            .setTotalP99Ms(quantile(totals.total(), 0.99))
            .setFinishReasons(totals.finishReasons())
            .setErrors(totals.errors())
            .setPricedRequests(totals.pricedRequests())
            .setCostNanos(totals.pricedRequests() == 0 ? null : totals.costNanos())
            .setUpdatedAt(Instant.ofEpochMilli(nowMs))
            .build();
    return new OutputRecord<>(Optional.of(key()), row, Optional.empty());
  }

  private static Double quantile(LatencySketch sketch, double quantile) {
    OptionalDouble value = sketch.valueAt(quantile);
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /**
   * @param counts at least one
   * @param history without this window
   * @param top how many of the labels to show
   */
  OutputRecord<LabelWindow> labels(
      Map<String, Long> counts, LabelHistory history, int top, TrendSettings trend) {
    long occurrences = counts.values().stream().mapToLong(Long::longValue).sum();
    List<LabelCount> shown =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(top)
            .map(count -> label(count.getKey(), count.getValue(), occurrences, history, trend))
            .toList();
    LabelWindow row =
        LabelWindow.newBuilder()
            .setWindow(size.text())
            .setWindowStart(Instant.ofEpochMilli(startMs))
            .setWindowEnd(Instant.ofEpochMilli(startMs + size.lengthMs()))
            .setGrouping(group.grouping().name())
            .setTenant(group.tenant().orElse(null))
            .setModel(group.model().orElse(null))
            .setTemplate(group.template().orElse(null))
            .setClosed(closed)
            .setOccurrences(occurrences)
            .setDistinctLabels(counts.size())
            .setLabels(shown)
            .setUpdatedAt(Instant.ofEpochMilli(nowMs))
            .build();
    return new OutputRecord<>(Optional.of(key()), row, Optional.empty());
  }

  private LabelCount label(
      String label, long count, long occurrences, LabelHistory history, TrendSettings settings) {
    OptionalDouble baseline = history.baseline(label, startMs, size, settings);
    boolean known = baseline.isPresent();
    return new LabelCount(
        label,
        count,
        (double) count / occurrences,
        known ? baseline.getAsDouble() : null,
        known && closed ? settings.trend(count, baseline.getAsDouble()) : null,
        known && settings.isBurst(count, baseline.getAsDouble()));
  }
}
