package ai.falaj.jobs.analytics;

import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from their beginning to their end with a plain consumer. */
record TopicReader(String bootstrapServers, SchemaRegistry registry) {

  /** Every committed record that is one. */
  <T extends SpecificRecord> List<T> all(Class<T> recordClass, String topic) {
    List<T> records = new ArrayList<>();
    RecordDeserializer<T> values = new RecordDeserializer<>(recordClass, registry);
    for (ConsumerRecord<byte[], byte[]> record : read(topic)) {
      try {
        records.add(values.deserialize(topic, record.value()));
      } catch (UndecodableRecordException e) {
        continue; // the generator writes some
      }
    }
    return records;
  }

  /** The last record of each key, as compaction leaves it. */
  <T extends SpecificRecord> Map<String, T> lastByKey(Class<T> recordClass, String topic) {
    Map<String, T> last = new LinkedHashMap<>();
    RecordDeserializer<T> values = new RecordDeserializer<>(recordClass, registry);
    for (ConsumerRecord<byte[], byte[]> record : read(topic)) {
      last.put(
          new String(record.key(), StandardCharsets.UTF_8),
          values.deserialize(topic, record.value()));
    }
    return last;
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }
}
