package ai.falaj.operators.analytics;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.LabelCount;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.UsageWindow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.IOUtils;

/**
 * The whole pipeline with one subtask each, in Flink's harnesses: what one emits goes through its
 * serializer into the next, watermarks too. Rows are kept as a compacted topic keeps them.
 */
final class PipelineFixture implements AutoCloseable {

  private final OneInputStreamOperatorTestHarness<UsageEvent, UsagePartial> sums;
  private final KeyedOneInputStreamOperatorTestHarness<Integer, UsagePartial, GroupedPartial> names;
  private final KeyedOneInputStreamOperatorTestHarness<
          String, GroupedPartial, OutputRecord<UsageWindow>>
      windows;
  private final KeyedOneInputStreamOperatorTestHarness<
          String, GroupedPartial, OutputRecord<BudgetAlert>>
      budgets;

  /** In the order of writing, of all keys. */
  private final List<UsageWindow> written = new ArrayList<>();

  private final Map<String, UsageWindow> usage = new LinkedHashMap<>();
  private final Map<String, LabelWindow> labels = new LinkedHashMap<>();
  private final Map<String, BudgetAlert> alerts = new LinkedHashMap<>();

  PipelineFixture(AnalyticsSpec spec) throws Exception {
    this(spec, null, null, null);
  }

  private PipelineFixture(
      AnalyticsSpec spec,
      OperatorSubtaskState ofNames,
      OperatorSubtaskState ofWindows,
      OperatorSubtaskState ofBudgets)
      throws Exception {
    sums = new OneInputStreamOperatorTestHarness<>(new PreAggregateOperatorFactory());
    names =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new NameAdmissionFunction(spec)), sum -> 0, Types.INT);
    windows =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new WindowCascadeFunction(spec)),
            GroupedPartial::group,
            Types.STRING);
    budgets =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new BudgetFunction(spec)),
            GroupedPartial::group,
            Types.STRING);
    open(sums, AnalyticsOutputs.PARTIAL_TYPE, null);
    open(names, AnalyticsOutputs.GROUPED_TYPE, ofNames);
    open(windows, AnalyticsOutputs.USAGE_TYPE, ofWindows);
    open(budgets, AnalyticsOutputs.ALERT_TYPE, ofBudgets);
  }

  private static <T> void open(
      OneInputStreamOperatorTestHarness<?, T> harness,
      TypeInformation<T> type,
      OperatorSubtaskState state)
      throws Exception {
    harness.setup(type.createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
  }

  /** Takes a checkpoint, forgets the rest, and goes on in new operators, as after a failure. */
  PipelineFixture restart(AnalyticsSpec spec) throws Exception {
    sums.prepareSnapshotPreBarrier(1);
    forward(null);
    OperatorSubtaskState ofNames = names.snapshot(1, 1);
    OperatorSubtaskState ofWindows = windows.snapshot(1, 1);
    OperatorSubtaskState ofBudgets = budgets.snapshot(1, 1);
    long nowMs = windows.getProcessingTime();
    close();
    PipelineFixture restored = new PipelineFixture(spec, ofNames, ofWindows, ofBudgets);
    restored.usage.putAll(usage);
    restored.labels.putAll(labels);
    restored.alerts.putAll(alerts);
    restored.clockIs(nowMs);
    return restored;
  }

  void event(UsageEvent event) throws Exception {
    sums.processElement(new StreamRecord<>(event, event.timestampMs()));
    forward(null);
  }

  /** The watermark passes that instant after the start of the time of {@link Events}. */
  void watermark(long afterMs) throws Exception {
    watermark(new Watermark(Events.START_MS + afterMs));
  }

  void endOfInput() throws Exception {
    watermark(Watermark.MAX_WATERMARK);
  }

  private void watermark(Watermark watermark) throws Exception {
    sums.processWatermark(watermark);
    forward(watermark);
  }

  void clockIs(long nowMs) throws Exception {
    windows.setStateTtlProcessingTime(nowMs);
    windows.setProcessingTime(nowMs);
    collect();
  }

  private void forward(Watermark watermark) throws Exception {
    for (UsagePartial sum : drain(sums)) {
      names.processElement(new StreamRecord<>(sum));
    }
    if (watermark != null) {
      names.processWatermark(watermark);
    }
    for (GroupedPartial sum : drain(names)) {
      windows.processElement(new StreamRecord<>(sum));
    }
    Queue<StreamRecord<GroupedPartial>> spending = names.getSideOutput(AnalyticsOutputs.SPENDING);
    while (spending != null && !spending.isEmpty()) {
      budgets.processElement(new StreamRecord<>(spending.poll().getValue()));
    }
    if (watermark != null) {
      windows.processWatermark(watermark);
      budgets.processWatermark(watermark);
    }
    collect();
  }

  private void collect() {
    for (OutputRecord<UsageWindow> row : drain(windows)) {
      written.add(row.value());
      usage.put(row.key().orElseThrow(), row.value());
    }
    var ofLabels = windows.getSideOutput(AnalyticsOutputs.LABELS);
    while (ofLabels != null && !ofLabels.isEmpty()) {
      OutputRecord<LabelWindow> row = ofLabels.poll().getValue();
      labels.put(row.key().orElseThrow(), row.value());
    }
    for (OutputRecord<BudgetAlert> alert : drain(budgets)) {
      SpecificRecord before = alerts.put(alert.key().orElseThrow(), alert.value());
      if (before != null) {
        throw new AssertionError("told twice: " + before);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> List<T> drain(OneInputStreamOperatorTestHarness<?, T> harness) {
    List<T> records = new ArrayList<>();
    for (Object element : harness.getOutput()) {
      if (element instanceof StreamRecord<?> record) {
        records.add((T) record.getValue());
      }
    }
    harness.getOutput().clear();
    return records;
  }

  /** The rows as a reader of the topic has them. */
  Map<String, UsageWindow> usage() {
    return usage;
  }

  Map<String, LabelWindow> labels() {
    return labels;
  }

  Map<String, BudgetAlert> alerts() {
    return alerts;
  }

  /** Every row of every key since the last call. */
  List<UsageWindow> written() {
    List<UsageWindow> copy = List.copyOf(written);
    written.clear();
    return copy;
  }

  /** A row of all records. */
  UsageWindow all(String size, String startInstant) {
    return usage.get(size + "|" + startInstant + "|ALL");
  }

  /** A label of all records. */
  LabelCount label(String size, String startInstant, String label) {
    return labels.get(size + "|" + startInstant + "|ALL").getLabels().stream()
        .filter(count -> count.getLabel().equals(label))
        .findAny()
        .orElseThrow();
  }

  int windowEntries() {
    return windows.numKeyedStateEntries();
  }

  int nameEntries() {
    return names.numKeyedStateEntries();
  }

  int eventTimeTimers() {
    return windows.numEventTimeTimers() + budgets.numEventTimeTimers();
  }

  @Override
  public void close() {
    IOUtils.closeAllQuietly(sums, names, windows, budgets);
  }
}
