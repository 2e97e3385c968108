package ai.falaj.jobs.client;

import ai.falaj.jobs.client.ReadRecord.Content;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads Falaj's topics from a given point on, outside any consumer group. Once {@link #open} has
 * returned, the place where reading starts is fixed: whatever is written after that is read.
 *
 * <p>Reads committed records only, so completions and dead letters exactly once; chunks are in no
 * transaction and come at once. Bytes that are no record come as {@link Content.Undecodable}, and
 * reading goes on.
 *
 * <p>Confined to one thread.
 */
public final class ResultReader implements AutoCloseable {

  private static final Duration METADATA_LIMIT = Duration.ofSeconds(10);
  private static final Duration METADATA_PAUSE = Duration.ofMillis(50);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, RecordKind> kinds = new HashMap<>();
  private final Map<String, RecordDeserializer<?>> deserializers = new HashMap<>();
  private final List<TopicPartition> partitions;

  private ResultReader(
      Connection connection,
      SchemaRegistry registry,
      Set<RecordKind> wanted,
      Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
    for (RecordKind kind : wanted) {
      String topic = connection.topic(kind);
      kinds.put(topic, kind);
      deserializers.put(topic, new RecordDeserializer<>(kind.recordClass(), registry));
    }
    partitions = kinds.keySet().stream().flatMap(this::awaitPartitions).toList();
  }

  /**
   * Takes all partitions of these topics there are now, and settles where each starts.
   *
   * @param registry stays the caller's
   * @throws UnknownTopicOrPartitionException where the broker tells no partition of a topic
   */
  public static ResultReader open(
      Connection connection, SchemaRegistry registry, Set<RecordKind> wanted, StartPoint start) {
    Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            connection.clientSettings(
                Map.of(
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    "falaj-results",
                    ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                    false,
                    ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                    "read_committed",
                    ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                    "earliest",
                    ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                    false,
                    ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    10_000)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    try {
      ResultReader reader =
          new ResultReader(connection, registry, EnumSet.copyOf(wanted), consumer);
      reader.startAt(start);
      return reader;
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  /** A broker may know a topic that was just created before it tells its partitions. */
  private Stream<TopicPartition> awaitPartitions(String topic) {
    long deadlineNanos = System.nanoTime() + METADATA_LIMIT.toNanos();
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    while (found == null || found.isEmpty()) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new UnknownTopicOrPartitionException("the broker tells no partition of " + topic);
      }
      LockSupport.parkNanos(METADATA_PAUSE.toNanos());
      found = consumer.partitionsFor(topic);
    }
    return found.stream().map(info -> new TopicPartition(topic, info.partition()));
  }

  private void startAt(StartPoint start) {
    consumer.assign(partitions);
    if (start instanceof StartPoint.Timestamp timestamp) {
      seekToTime(timestamp.time());
    } else if (start instanceof StartPoint.Beginning) {
      consumer.seekToBeginning(partitions);
    } else {
      consumer.seekToEnd(partitions);
    }
    // A seek to an end is carried out when the position is asked for, and not before.
    partitions.forEach(consumer::position);
  }

  private void seekToTime(Instant time) {
    Map<TopicPartition, Long> wanted =
        partitions.stream().collect(Collectors.toMap(p -> p, p -> time.toEpochMilli()));
    List<TopicPartition> later = new ArrayList<>();
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(wanted);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp first = found.get(partition);
      if (first == null) {
        later.add(partition);
      } else {
        consumer.seek(partition, first.offset());
      }
    }
    if (!later.isEmpty()) {
      consumer.seekToEnd(later);
    }
  }

  /**
   * What has come, in the order of each partition; empty where nothing did within the time.
   *
   * @throws ai.falaj.schemas.registry.SchemaRegistryException where the registry could not be asked
   *     for a schema; the records of this call are lost then
   */
  public List<ReadRecord> poll(Duration limit) {
    List<ReadRecord> records = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> message : consumer.poll(limit)) {
      records.add(read(message));
    }
    return records;
  }

  private ReadRecord read(ConsumerRecord<byte[], byte[]> message) {
    return new ReadRecord(
        kinds.get(message.topic()),
        message.topic(),
        message.partition(),
        message.offset(),
        Instant.ofEpochMilli(message.timestamp()),
        Optional.ofNullable(message.key()).map(key -> new String(key, StandardCharsets.UTF_8)),
        content(message.topic(), message.value()));
  }

  private Content content(String topic, byte[] bytes) {
    if (bytes == null) {
      return new Content.Tombstone();
    }
    try {
      SpecificRecord value = deserializers.get(topic).deserialize(topic, bytes);
      return new Content.Decoded(value);
    } catch (UndecodableRecordException e) {
      return new Content.Undecodable(e.errorCode(), e.getMessage(), bytes.length);
    }
  }

  /** The ends of all partitions now, as far as transactions are committed. */
  public Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(partitions);
  }

  /** Whether every partition was read up to there. */
  public boolean hasReached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
