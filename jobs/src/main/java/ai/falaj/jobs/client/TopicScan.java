package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.CliException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic from its beginning to where it ends now, committed records only, outside any
 * consumer group. Stateless.
 */
public final class TopicScan {

  private static final int LIMIT_MS = 10_000;
  private static final Duration POLL = Duration.ofMillis(200);

  private TopicScan() {}

  /**
   * @param clientId of the Kafka client
   * @param each gets every record, those of a partition in order
   * @throws CliException where the broker refuses or says nothing for some seconds
   */
  public static void read(
      Connection connection,
      String topic,
      String clientId,
      Consumer<ConsumerRecord<byte[], byte[]>> each) {
    Map<String, Object> settings =
        new HashMap<>(
            connection.clientSettings(
                Map.of(
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    clientId,
                    ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    LIMIT_MS)));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      readToEnd(consumer, topic, each);
    } catch (KafkaException e) {
      throw CliException.failure(
          "topic " + topic + " could not be read: " + e.getMessage(), "see the broker's log", e);
    }
  }

  private static void readToEnd(
      KafkaConsumer<byte[], byte[]> consumer,
      String topic,
      Consumer<ConsumerRecord<byte[], byte[]>> each) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    long deadlineNanos = System.nanoTime() + Duration.ofMillis(LIMIT_MS).toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw CliException.failure(
            "topic %s was not read to its end within %d s".formatted(topic, LIMIT_MS / 1000),
            "see the broker's log, then try again");
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        deadlineNanos = System.nanoTime() + Duration.ofMillis(LIMIT_MS).toNanos();
        each.accept(record);
      }
    }
  }
}
