package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.client.Connection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Records of an enrichment's benchmark: written, and looked at when they are enriched. Stateless.
 */
final class JsonRecords {

  private static final int SHOWN_EVERY = 10_000;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final int MOST_EMPTY_POLLS = 30;

  private JsonRecords() {}

  static void sendAll(
      Connection connection, String topic, int records, int textChars, Console console) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", connection.bootstrapServers(), "linger.ms", 20);
    String text = "channel ".repeat(textChars / 8 + 1).substring(0, textChars);
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        ProgressBar progress = console.progress("sending records", ProgressBar.Unit.COUNT)) {
      for (int i = 0; i < records; i++) {
        byte[] value =
            "{\"id\":%d,\"text\":\"%d %s\"}".formatted(i, i, text).getBytes(StandardCharsets.UTF_8);
        producer.send(
            new ProducerRecord<>(
                topic, Integer.toString(i).getBytes(StandardCharsets.UTF_8), value));
        if (i % SHOWN_EVERY == 0) {
          progress.update(i, OptionalLong.of(records));
        }
      }
      producer.flush();
    }
  }

  /**
   * When the broker appended each record, in milliseconds since the epoch.
   *
   * @throws CliException where there are more or fewer records than expected
   */
  static long[] appendTimes(Connection connection, String topic, int expected) {
    long[] times = new long[expected];
    int read = 0;
    int emptyPolls = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                connection.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (emptyPolls < MOST_EMPTY_POLLS
          && partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        emptyPolls++;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (read < expected) {
            times[read] = record.timestamp();
          }
          read++;
          emptyPolls = 0;
        }
      }
    }
    if (read != expected) {
      throw CliException.failure(
          "%d of %d records came out of the job".formatted(read, expected), "see the log");
    }
    return times;
  }
}
