package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.enrich.EnrichmentFile.Format;
import ai.falaj.jobs.enrich.EnrichmentSettings;
import ai.falaj.jobs.enrich.rows.RecordLines;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** How many records there are to enrich, and what the first of them are. Stateless. */
final class RecordCount {

  private static final Duration POLL = Duration.ofMillis(500);

  private RecordCount() {}

  /**
   * Of files exactly; of a topic the offsets that it holds, marks of transactions included. Empty
   * where the input never ends.
   */
  static OptionalLong of(EnrichmentSettings settings) throws IOException, InterruptedException {
    if (!settings.bounded()) {
      return OptionalLong.empty();
    }
    if (settings.source().isKafka()) {
      return OptionalLong.of(ofTopic(settings));
    }
    long[] count = {0};
    forEachRecord(
        settings,
        record -> {
          count[0]++;
          return true;
        });
    return OptionalLong.of(count[0]);
  }

  /**
   * The values of the first records, as many as there are; of files as JSON.
   *
   * @param count at most
   */
  static List<byte[]> first(EnrichmentSettings settings, int count) throws IOException {
    if (settings.source().isKafka()) {
      return firstOfTopic(settings, count);
    }
    List<byte[]> records = new ArrayList<>();
    forEachRecord(
        settings,
        record -> {
          records.add(record);
          return records.size() < count;
        });
    return records;
  }

  /**
   * @param goesOn told each record; false ends it
   */
  private static void forEachRecord(EnrichmentSettings settings, Predicate<byte[]> goesOn)
      throws IOException {
    for (Path file : files(new Path(settings.source().name()))) {
      try (RecordLines lines =
          RecordLines.open(
              file.getFileSystem().open(file),
              file.getPath(),
              settings.source().format() == Format.CSV,
              settings.input())) {
        while (lines.hasNext()) {
          if (!goesOn.test(lines.next())) {
            return;
          }
        }
      }
    }
  }

  /** As Flink's source finds them: hidden ones are left out. */
  private static List<Path> files(Path path) throws IOException {
    FileSystem fileSystem = path.getFileSystem();
    if (!fileSystem.getFileStatus(path).isDir()) {
      return List.of(path);
    }
    List<Path> found = new ArrayList<>();
    for (FileStatus file : fileSystem.listStatus(path)) {
      String name = file.getPath().getName();
      if (!name.startsWith(".") && !name.startsWith("_")) {
        found.addAll(files(file.getPath()));
      }
    }
    return found;
  }

  private static long ofTopic(EnrichmentSettings settings)
      throws IOException, InterruptedException {
    Properties properties = CompletionJob.clientProperties(settings.job());
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.job().bootstrapServers());
    String topic = settings.source().name();
    try (Admin admin = Admin.create(properties)) {
      Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .get(topic)
          .partitions()
          .forEach(
              partition -> {
                TopicPartition one = new TopicPartition(topic, partition.partition());
                earliest.put(one, OffsetSpec.earliest());
                latest.put(one, OffsetSpec.latest());
              });
      return sum(admin.listOffsets(latest).all().get())
          - sum(admin.listOffsets(earliest).all().get());
    } catch (ExecutionException e) {
      throw new IOException(
          "the topic '%s' cannot be looked at: %s".formatted(topic, e.getCause().getMessage()), e);
    }
  }

  private static List<byte[]> firstOfTopic(EnrichmentSettings settings, int count) {
    Properties properties = CompletionJob.clientProperties(settings.job());
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.job().bootstrapServers());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    List<byte[]> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(settings.source().name()).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (records.size() < count
          && partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (records.size() < count && record.value() != null) {
            records.add(record.value());
          }
        }
      }
    }
    return records;
  }

  private static long sum(Map<TopicPartition, ListOffsetsResultInfo> offsets) {
    return offsets.values().stream().mapToLong(ListOffsetsResultInfo::offset).sum();
  }
}
