package ai.falaj.jobs.dashboard.feed;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.PromptProducer;
import ai.falaj.jobs.dashboard.feed.FeedRecord.Content;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads all topics of the dashboard, outside any consumer group, committed records only. Topics
 * that do not exist are left out and taken up once {@link #refresh} finds them.
 *
 * <p>Every record comes exactly once: where the registry cannot be asked for a schema, the reader
 * goes back to the record and says so in {@link #problem}.
 *
 * <p>Confined to one thread.
 */
final class FeedReader implements AutoCloseable {

  private static final int API_LIMIT_MS = 3_000;
  private static final int MOST_RECORDS = 2_000;
  private static final Duration METADATA_LIMIT = Duration.ofMillis(API_LIMIT_MS);

  private final FeedTopics topics;
  private final Optional<Instant> from;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, FeedKind> kinds = new HashMap<>();
  private final Map<FeedKind, RecordDeserializer<?>> deserializers = new EnumMap<>(FeedKind.class);
  private final Map<TopicPartition, Long> endsAtStart = new HashMap<>();
  private final Set<TopicPartition> assigned = new HashSet<>();
  private Optional<String> problem = Optional.empty();
  private boolean started;

  /**
   * @param registry stays the caller's
   * @param from time of the first record of each topic that exists at the start; empty: the oldest
   */
  FeedReader(
      Connection connection, SchemaRegistry registry, FeedTopics topics, Optional<Instant> from) {
    this.topics = topics;
    this.from = from;
    for (FeedKind kind : FeedKind.values()) {
      kinds.put(topics.name(kind), kind);
      deserializers.put(kind, new RecordDeserializer<>(kind.recordClass(), registry));
    }
    consumer = new KafkaConsumer<>(settings(connection), bytes(), bytes());
  }

  private static Map<String, Object> settings(Connection connection) {
    Map<String, Object> settings =
        connection.clientSettings(
            Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "falaj-dashboard",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                API_LIMIT_MS,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                MOST_RECORDS));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }

  private static ByteArrayDeserializer bytes() {
    return new ByteArrayDeserializer();
  }

  /**
   * Takes up partitions that it does not read yet. The first call settles where reading starts.
   *
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer in time; what
   *     is read already stays so
   */
  void refresh() {
    Map<String, List<PartitionInfo>> existing = consumer.listTopics(METADATA_LIMIT);
    List<TopicPartition> added = new ArrayList<>();
    for (String topic : kinds.keySet()) {
      for (PartitionInfo partition : existing.getOrDefault(topic, List.of())) {
        TopicPartition place = new TopicPartition(topic, partition.partition());
        if (!assigned.contains(place)) {
          added.add(place);
        }
      }
    }
    if (!added.isEmpty()) {
      take(added);
    }
    started = true;
  }

  private void take(List<TopicPartition> added) {
    Map<TopicPartition, Long> starts = starts(added);
    Map<TopicPartition, Long> ends = consumer.endOffsets(added);
    assigned.addAll(added);
    consumer.assign(assigned);
    starts.forEach(consumer::seek);
    endsAtStart.putAll(ends);
  }

  /** Topics that come later are new: they are read from their beginning. */
  private Map<TopicPartition, Long> starts(List<TopicPartition> added) {
    Map<TopicPartition, Long> starts = new HashMap<>(consumer.beginningOffsets(added));
    if (started || from.isEmpty()) {
      return starts;
    }
    Map<TopicPartition, Long> times = new HashMap<>();
    for (TopicPartition partition : added) {
      // Alerts are few and count for a whole period.
      if (kinds.get(partition.topic()) != FeedKind.BUDGET_ALERTS) {
        times.put(partition, from.get().toEpochMilli());
      }
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(times.keySet());
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
        consumer.offsetsForTimes(times).entrySet()) {
      starts.put(
          found.getKey(),
          found.getValue() == null ? ends.get(found.getKey()) : found.getValue().offset());
    }
    return starts;
  }

  /** Kinds whose topic does not exist, as of the last {@link #refresh}. */
  Set<FeedKind> missing() {
    Set<FeedKind> missing = EnumSet.allOf(FeedKind.class);
    assigned.forEach(partition -> missing.remove(kinds.get(partition.topic())));
    return missing;
  }

  /** Whether everything was read that was there when reading started. */
  boolean isCaughtUp() {
    endsAtStart.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    return endsAtStart.isEmpty();
  }

  /** What has come, in the order of each partition; empty where nothing did within the time. */
  List<FeedRecord> poll(Duration limit) {
    problem = Optional.empty();
    if (assigned.isEmpty()) {
      return List.of();
    }
    ConsumerRecords<byte[], byte[]> messages = consumer.poll(limit);
    List<FeedRecord> records = new ArrayList<>(messages.count());
    for (TopicPartition partition : messages.partitions()) {
      read(partition, messages.records(partition), records);
    }
    return records;
  }

  private void read(
      TopicPartition partition,
      List<ConsumerRecord<byte[], byte[]>> messages,
      List<FeedRecord> records) {
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      if (problem.isPresent()) {
        consumer.seek(partition, message.offset());
        return;
      }
      try {
        records.add(read(message));
      } catch (SchemaRegistryException e) {
        problem = Optional.of(e.getMessage());
        consumer.seek(partition, message.offset());
        return;
      }
    }
  }

  private FeedRecord read(ConsumerRecord<byte[], byte[]> message) {
    FeedKind kind = kinds.get(message.topic());
    Header trace = message.headers().lastHeader(PromptProducer.TRACEPARENT);
    return new FeedRecord(
        kind,
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp(),
        Optional.ofNullable(message.key()).map(key -> new String(key, StandardCharsets.UTF_8)),
        Optional.ofNullable(trace)
            .map(Header::value)
            .map(value -> new String(value, StandardCharsets.US_ASCII)),
        content(kind, message));
  }

  private Content content(FeedKind kind, ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return new Content.Tombstone();
    }
    try {
      return new Content.Decoded(
          deserializers.get(kind).deserialize(message.topic(), message.value()));
    } catch (UndecodableRecordException e) {
      return new Content.Undecodable();
    }
  }

  /** Why the last {@link #poll} stopped before a record; empty where it did not. */
  Optional<String> problem() {
    return problem;
  }

  /** Ends a call that waits, or the next one, with a WakeupException. Any thread. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
