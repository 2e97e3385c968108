package ai.falaj.jobs.deadletters;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Fetches records that were too large to be copied into their dead letters from where they were
 * read. Owns its consumer. Confined to one thread.
 */
final class SourceRecords implements AutoCloseable {

  private final Consumer<byte[], byte[]> consumer;

  /**
   * @param consumer without a group, without an assignment
   */
  SourceRecords(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /** The record; empty where the topic does not hold it any more. */
  Optional<Original> fetch(Letter letter) {
    TopicPartition partition = new TopicPartition(letter.sourceTopic(), letter.sourcePartition());
    if (!exists(partition) || !holds(partition, letter.sourceOffset())) {
      return Optional.empty();
    }
    consumer.assign(List.of(partition));
    consumer.resume(consumer.paused());
    consumer.seek(partition, letter.sourceOffset());
    Found found = new Found();
    new TopicScan(consumer, System::nanoTime)
        .readTo(Map.of(partition, letter.sourceOffset() + 1), found);
    return Optional.ofNullable(found.original);
  }

  /** Keeps the one record that comes. */
  private static final class Found implements TopicScan.Handler {
    private Original original;

    @Override
    public void handle(ConsumerRecord<byte[], byte[]> message) {
      if (message.value() != null) {
        original = new Original(message.key(), message.value());
      }
    }
  }

  private boolean exists(TopicPartition wanted) {
    List<PartitionInfo> partitions = consumer.partitionsFor(wanted.topic());
    return partitions != null
        && partitions.stream().anyMatch(info -> info.partition() == wanted.partition());
  }

  private boolean holds(TopicPartition partition, long offset) {
    List<TopicPartition> one = List.of(partition);
    return consumer.beginningOffsets(one).get(partition) <= offset
        && offset < consumer.endOffsets(one).get(partition);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
