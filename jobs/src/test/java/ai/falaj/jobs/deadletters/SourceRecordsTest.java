package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.ErrorCode;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SourceRecordsTest {

  private static final TopicPartition PARTITION = new TopicPartition(Letters.SOURCE, 1);
  private static final Letter LETTER =
      Letter.open(0, 0, Letters.letter("r1", ErrorCode.ENGINE_FAILURE));

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final SourceRecords sources = new SourceRecords(consumer);

  @Test
  void fetchesTheRecordThatTheLetterNames() {
    topicHolds(5, 9, record(7, "prompt"));

    assertThat(sources.fetch(LETTER))
        .hasValueSatisfying(
            original -> {
              assertThat(Letters.text(original.key())).isEqualTo("key");
              assertThat(Letters.text(original.value())).isEqualTo("prompt");
            });
  }

  @Test
  void findsNothingWhereRetentionHasPassedIt() {
    topicHolds(8, 9, record(8, "later"));

    assertThat(sources.fetch(LETTER)).isEmpty();
  }

  @Test
  void findsNothingWhereTheTopicWasCreatedAnew() {
    topicHolds(0, 3, record(0, "other"));

    assertThat(sources.fetch(LETTER)).isEmpty();
  }

  @Test
  void takesNoOtherRecordForIt() {
    topicHolds(5, 9, record(8, "later"));

    assertThat(sources.fetch(LETTER)).isEmpty();
  }

  @Test
  void findsNothingWhereTheTopicIsGone() {
    assertThat(sources.fetch(LETTER)).isEmpty();
  }

  private void topicHolds(long begin, long end, ConsumerRecord<byte[], byte[]> record) {
    consumer.updatePartitions(
        Letters.SOURCE,
        List.of(
            new PartitionInfo(Letters.SOURCE, 0, null, null, null),
            new PartitionInfo(Letters.SOURCE, 1, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(PARTITION, begin));
    consumer.updateEndOffsets(Map.of(PARTITION, end));
    consumer.schedulePollTask(() -> consumer.addRecord(record));
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset, String value) {
    return new ConsumerRecord<>(
        Letters.SOURCE, 1, offset, Letters.bytes("key"), Letters.bytes(value));
  }
}
