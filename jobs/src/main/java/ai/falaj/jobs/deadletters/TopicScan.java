package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.cli.CliException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads partitions from where a consumer stands up to ends that were settled before, whatever is
 * written meanwhile. Confined to one thread.
 */
final class TopicScan {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration STALL_LIMIT = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;
  private final LongSupplier nanoClock;

  TopicScan(Consumer<byte[], byte[]> consumer, LongSupplier nanoClock) {
    this.consumer = consumer;
    this.nanoClock = nanoClock;
  }

  /** Takes what was read, in the order of each partition. */
  interface Handler {
    void handle(ConsumerRecord<byte[], byte[]> message);

    /**
     * Told now and then.
     *
     * @param left offsets still to be read
     */
    default void progress(long left) {}
  }

  /**
   * Returns when every partition has been read to its end. The consumer is assigned to these
   * partitions and stands where reading begins.
   *
   * @throws CliException when nothing comes any more though there should be something
   */
  void readTo(Map<TopicPartition, Long> ends, Handler handler) {
    long lastLeft = left(ends);
    long lastProgressNanos = nanoClock.getAsLong();
    pause(reached(ends));
    while (lastLeft > 0) {
      for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
        if (message.offset() < ends.get(partition(message))) {
          handler.handle(message);
        }
      }
      pause(reached(ends));
      long left = left(ends);
      handler.progress(left);
      if (left < lastLeft) {
        lastLeft = left;
        lastProgressNanos = nanoClock.getAsLong();
      } else if (nanoClock.getAsLong() - lastProgressNanos > STALL_LIMIT.toNanos()) {
        throw CliException.failure(
            "the broker has sent nothing for "
                + STALL_LIMIT.toSeconds()
                + " s though "
                + left
                + " offsets are left",
            "see its log, then run it again");
      }
    }
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> message) {
    return new TopicPartition(message.topic(), message.partition());
  }

  private long left(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
        .sum();
  }

  private List<TopicPartition> reached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .filter(end -> consumer.position(end.getKey()) >= end.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void pause(Collection<TopicPartition> partitions) {
    Set<TopicPartition> paused = consumer.paused();
    consumer.pause(partitions.stream().filter(partition -> !paused.contains(partition)).toList());
  }
}
