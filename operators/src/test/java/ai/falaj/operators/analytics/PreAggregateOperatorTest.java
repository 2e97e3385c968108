package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreAggregateOperatorTest {

  private OneInputStreamOperatorTestHarness<UsageEvent, UsagePartial> harness;

  @BeforeEach
  void open() throws Exception {
    harness = new OneInputStreamOperatorTestHarness<>(new PreAggregateOperatorFactory());
    harness.setup(AnalyticsOutputs.PARTIAL_TYPE.createSerializer(new SerializerConfigImpl()));
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private void event(UsageEvent event) throws Exception {
    harness.processElement(new StreamRecord<>(event, event.timestampMs()));
  }

  private List<UsagePartial> sums() {
    return harness.extractOutputValues();
  }

  @Test
  void sumsBeforeAWatermarkWhatItIsAbout() throws Exception {
    event(Events.answered(1_000, "acme"));
    event(Events.answered(2_000, "acme"));
    event(Events.failed(3_000, "acme"));
    event(Events.answered(11_000, "acme"));
    assertThat(sums()).isEmpty();

    harness.processWatermark(Events.START_MS + 5_000);

    assertThat(harness.getOutput()).hasSize(3);
    assertThat(harness.getOutput().toArray()[2]).isEqualTo(new Watermark(Events.START_MS + 5_000));
    UsagePartial first = sums().get(0);
    assertThat(first.startMs()).isEqualTo(Events.START_MS);
    assertThat(first.totals().requests()).isEqualTo(2);
    assertThat(first.totals().deadLetters()).isEqualTo(1);
    assertThat(sums().get(1).startMs()).isEqualTo(Events.START_MS + 10_000);
  }

  @Test
  void holdsNothingBehindABarrier() throws Exception {
    event(Events.answered(1_000, "acme"));

    harness.prepareSnapshotPreBarrier(1);

    assertThat(sums()).hasSize(1);
    harness.processWatermark(Events.START_MS + 5_000);
    assertThat(sums()).hasSize(1);
  }

  @Test
  void holdsNothingWhileItsSourceIsIdle() throws Exception {
    event(Events.answered(1_000, "acme"));

    harness.processWatermarkStatus(WatermarkStatus.IDLE);

    assertThat(sums()).hasSize(1);
  }

  @Test
  void holdsABoundedNumberOfSums() throws Exception {
    for (int i = 0; i < PreAggregateOperator.MAX_ENTRIES - 1; i++) {
      event(Events.answered(1_000, "tenant-" + i));
    }
    assertThat(sums()).isEmpty();

    event(Events.answered(1_000, "one more"));

    assertThat(sums()).hasSize(PreAggregateOperator.MAX_ENTRIES);
  }

  @Test
  void labelsCountForTheBoundToo() throws Exception {
    for (int i = 0; i < PreAggregateOperator.MAX_ENTRIES; i++) {
      event(Events.answered(1_000, "acme", "label-" + i));
    }

    assertThat(sums()).hasSize(1);
    assertThat(sums().get(0).totals().labels()).hasSize(PreAggregateOperator.MAX_ENTRIES - 1);
  }
}
