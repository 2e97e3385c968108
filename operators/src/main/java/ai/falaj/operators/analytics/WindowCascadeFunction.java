package ai.falaj.operators.analytics;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.UsageWindow;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The windows of a group. Keyed by the text of its {@link GroupKey}.
 *
 * <p>Sums enter the window of ten seconds that they are of. When the watermark passes its end, the
 * window closes and its sums enter the minute around it, and those of the minute the hour, so the
 * hour costs one merge per minute and no record is seen twice. What comes after the close enters
 * the closed window and, at once, the longer one, as far up as windows are closed. {@link
 * WindowTotals} names the states.
 *
 * <p>One rule decides what is too late, for all lengths: whether the watermark has passed the end
 * of its <i>ten seconds</i> by more than the allowed lateness. So the rows agree: an hour has what
 * its minutes have. Longer windows stay for as long after their end, and so outlast the shorter
 * ones.
 *
 * <p>A row is written when its window closes, and before and after that at most every update
 * interval of processing time if it changed. Rows of the same window have the same key: the last
 * one counts.
 *
 * <p><b>Timers.</b> Event time: close (the last instant of a window) and removal (later by the
 * lateness); whose they are follows from their time. Processing time: the next update, one per
 * group.
 *
 * <p>Confined to the task thread.
 */
final class WindowCascadeFunction
    extends KeyedProcessFunction<String, GroupedPartial, OutputRecord<UsageWindow>> {

  private static final long serialVersionUID = 1L;

  private final AnalyticsSpec spec;

  /** By size: the windows of the group, by their start. */
  private transient Map<WindowSize, MapState<Long, WindowTotals>> windows;

  private transient Map<WindowSize, ValueState<LabelHistory>> histories;

  /** When the next update is due; null: nothing waits for one. */
  private transient ValueState<Long> updateAtMs;

  private transient Counter lateRecords;

  WindowCascadeFunction(AnalyticsSpec spec) {
    this.spec = Objects.requireNonNull(spec, "spec");
  }

  @Override
  public void open(OpenContext context) {
    windows = new EnumMap<>(WindowSize.class);
    histories = new EnumMap<>(WindowSize.class);
    for (WindowSize size : WindowSize.values()) {
      windows.put(
          size,
          getRuntimeContext()
              .getMapState(
                  new MapStateDescriptor<>(
                      "windows-" + size.text(), Types.LONG, AnalyticsOutputs.WINDOW_TYPE)));
      histories.put(size, getRuntimeContext().getState(history(size)));
    }
    updateAtMs = getRuntimeContext().getState(new ValueStateDescriptor<>("update-at", Types.LONG));
    lateRecords =
        getRuntimeContext().getMetricGroup().addGroup("falaj").counter("analyticsLateRecords");
  }

  /** No timer removes it: whether a group comes back is known to nobody. */
  private ValueStateDescriptor<LabelHistory> history(WindowSize size) {
    ValueStateDescriptor<LabelHistory> descriptor =
        new ValueStateDescriptor<>("labels-" + size.text(), AnalyticsOutputs.HISTORY_TYPE);
    descriptor.enableTimeToLive(
        StateTtlConfig.newBuilder(spec.labelHistoryTime())
            .updateTtlOnCreateAndWrite()
            .neverReturnExpired()
            .build());
    return descriptor;
  }

  @Override
  public void processElement(
      GroupedPartial partial, Context context, Collector<OutputRecord<UsageWindow>> out)
      throws Exception {
    TimerService timers = context.timerService();
    long startMs = partial.startMs();
    if (removedAtMs(WindowSize.TEN_SECONDS, startMs) <= timers.currentWatermark()) {
      lateRecords.inc(partial.totals().records());
      return;
    }
    add(WindowSize.TEN_SECONDS, startMs, partial.totals(), timers);
  }

  private long removedAtMs(WindowSize size, long startMs) {
    return size.lastMs(startMs) + spec.allowedLateness().toMillis();
  }

  /** Adds to a window and, where its sums are in the longer one already, to that as well. */
  private void add(WindowSize size, long startMs, UsageTotals more, TimerService timers)
      throws Exception {
    WindowTotals window = windows.get(size).get(startMs);
    if (window == null) {
      window = WindowTotals.OPENED;
      timers.registerEventTimeTimer(size.lastMs(startMs));
      timers.registerEventTimeTimer(removedAtMs(size, startMs));
    }
    windows.get(size).put(startMs, window.plus(more));
    maybeScheduleUpdate(timers);
    if (window.closed()) {
      addToLonger(size, startMs, more, timers);
    }
  }

  private void maybeScheduleUpdate(TimerService timers) throws IOException {
    if (updateAtMs.value() == null) {
      long dueMs = timers.currentProcessingTime() + spec.updateInterval().toMillis();
      timers.registerProcessingTimeTimer(dueMs);
      updateAtMs.update(dueMs);
    }
  }

  private void addToLonger(WindowSize size, long startMs, UsageTotals more, TimerService timers)
      throws Exception {
    if (size.longer().isPresent()) {
      WindowSize longer = size.longer().get();
      add(longer, longer.startOf(startMs), more, timers);
    }
  }

  @Override
  public void onTimer(
      long timestampMs, OnTimerContext context, Collector<OutputRecord<UsageWindow>> out)
      throws Exception {
    Rows rows = new Rows(context, out);
    switch (context.timeDomain()) {
      case PROCESSING_TIME -> {
        updateAtMs.clear();
        writeChanged(rows);
      }
      case EVENT_TIME -> {
        // Shorter ones first: they may end with the window that they are in.
        for (WindowSize size : WindowSize.values()) {
          maybeClose(size, timestampMs + 1 - size.lengthMs(), context.timerService(), rows);
        }
        Duration lateness = spec.allowedLateness();
        for (WindowSize size : WindowSize.values()) {
          maybeRemove(size, timestampMs + 1 - size.lengthMs() - lateness.toMillis(), rows);
        }
      }
    }
  }

  private void maybeClose(WindowSize size, long startMs, TimerService timers, Rows rows)
      throws Exception {
    WindowTotals window = size.isStart(startMs) ? windows.get(size).get(startMs) : null;
    if (window == null || window.closed()) {
      return;
    }
    LabelHistory usual = historyOf(size);
    WindowTotals closed = window.close(usual);
    addToLonger(size, startMs, closed.totals(), timers);
    rows.write(size, startMs, closed);
    windows.get(size).put(startMs, closed.written());
    Map<String, Long> labels = closed.totals().labels();
    if (!labels.isEmpty() || usual.windows() > 0) {
      histories.get(size).update(usual.after(startMs, size, labels, spec.trend()));
    }
  }

  private void maybeRemove(WindowSize size, long startMs, Rows rows) throws Exception {
    WindowTotals window = size.isStart(startMs) ? windows.get(size).get(startMs) : null;
    if (window == null) {
      return;
    }
    if (window.changed()) {
      rows.write(size, startMs, window);
    }
    windows.get(size).remove(startMs);
  }

  private void writeChanged(Rows rows) throws Exception {
    for (WindowSize size : WindowSize.values()) {
      List<Long> written = new ArrayList<>();
      for (Map.Entry<Long, WindowTotals> window : windows.get(size).entries()) {
        if (window.getValue().changed()) {
          rows.write(size, window.getKey(), window.getValue());
          written.add(window.getKey());
        }
      }
      for (Long startMs : written) {
        windows.get(size).put(startMs, windows.get(size).get(startMs).written());
      }
    }
  }

  private LabelHistory historyOf(WindowSize size) throws Exception {
    LabelHistory history = histories.get(size).value();
    return history == null ? LabelHistory.EMPTY : history;
  }

  /** Writes the rows of the current key. */
  private final class Rows {

    private final OnTimerContext context;
    private final Collector<OutputRecord<UsageWindow>> out;
    private final GroupKey group;
    private final long nowMs;

    Rows(OnTimerContext context, Collector<OutputRecord<UsageWindow>> out) {
      this.context = context;
      this.out = out;
      this.group = GroupKey.parse(context.getCurrentKey());
      this.nowMs = context.timerService().currentProcessingTime();
    }

    void write(WindowSize size, long startMs, WindowTotals window) throws Exception {
      WindowRows rows = new WindowRows(size, startMs, group, window.closed(), nowMs);
      out.collect(rows.usage(window.totals()));
      Map<String, Long> labels = window.totals().labels();
      if (!labels.isEmpty()) {
        LabelHistory usual = window.closed() ? window.usual() : historyOf(size);
        context.output(
            AnalyticsOutputs.LABELS, rows.labels(labels, usual, spec.topLabels(), spec.trend()));
      }
    }
  }
}
