package ai.falaj.operators.analytics;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Sums events up beside the source that reads them, so that what travels grows with the number of
 * groups and not with the number of records: the group of all records is one key, and would be one
 * subtask's to count.
 *
 * <p>Holds sums between two flushes, and has no state: it flushes before each barrier, and also
 * before each watermark, which so never overtakes what it is about, when the source falls idle,
 * when there are too many sums, and at the end of input (the last watermark). Watermarks advance
 * every 200 ms as long as newer records come; what waits for nothing but a barrier is what came out
 * of order at last.
 *
 * <p>Confined to the task thread.
 */
final class PreAggregateOperator extends AbstractStreamOperator<UsagePartial>
    implements OneInputStreamOperator<UsageEvent, UsagePartial> {

  private static final long serialVersionUID = 1L;

  /** Sums of cells, and labels in them, together. */
  static final int MAX_ENTRIES = 2_000;

  /** What sums are of. */
  private record Key(Cell cell, long startMs) {}

  private transient Map<Key, UsageTotals.Builder> sums;
  private transient int entries;

  PreAggregateOperator(StreamOperatorParameters<UsagePartial> parameters) {
    super(parameters);
  }

  @Override
  public void open() throws Exception {
    super.open();
    sums = new LinkedHashMap<>();
  }

  @Override
  public void processElement(StreamRecord<UsageEvent> element) {
    UsageEvent event = element.getValue();
    UsageTotals.Builder sum =
        sums.computeIfAbsent(
            new Key(Cell.of(event), WindowSize.TEN_SECONDS.startOf(event.timestampMs())),
            key -> newSum());
    int labels = sum.distinctLabels();
    sum.add(event.fact());
    entries += sum.distinctLabels() - labels;
    if (entries >= MAX_ENTRIES) {
      flush();
    }
  }

  private UsageTotals.Builder newSum() {
    entries++;
    return new UsageTotals.Builder();
  }

  private void flush() {
    sums.forEach(
        (key, sum) ->
            output.collect(
                new StreamRecord<>(
                    new UsagePartial(key.cell(), key.startMs(), sum.build()), key.startMs())));
    sums.clear();
    entries = 0;
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    flush();
    super.processWatermark(mark);
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    flush();
    super.processWatermarkStatus(status);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
  }

  /** At the end of input, a stop with savepoint without drain included: that sends no watermark. */
  @Override
  public void finish() throws Exception {
    flush();
    super.finish();
  }
}
