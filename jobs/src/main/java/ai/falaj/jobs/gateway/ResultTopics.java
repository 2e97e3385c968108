package ai.falaj.jobs.gateway;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks, completions and dead letters from the end of their topics on, outside any consumer group,
 * committed records only. Results carry the key of their prompt, which for a prompt of the gateway
 * is its request id: records of others are passed over without being decoded, and a dead letter
 * finds its request even where the job could not read which one it was.
 *
 * <p>No record is lost: where the registry cannot be asked for a schema, the next {@link #poll}
 * begins with that record.
 *
 * <p>Confined to one thread.
 */
final class ResultTopics implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ResultTopics.class);
  private static final int API_LIMIT_MS = 3_000;
  private static final List<RecordKind> KINDS =
      List.of(RecordKind.CHUNKS, RecordKind.COMPLETIONS, RecordKind.DEAD_LETTERS);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, RecordDeserializer<?>> deserializers = new HashMap<>();
  private final Set<TopicPartition> assigned = new HashSet<>();
  private Optional<SchemaRegistryException> registryFailure = Optional.empty();

  /** A record of a request. */
  record Result(String key, SpecificRecord value) {}

  /**
   * Connects with the first {@link #refresh}.
   *
   * @param registry stays the caller's
   */
  ResultTopics(Connection connection, SchemaRegistry registry) {
    this(
        connection,
        registry,
        new KafkaConsumer<>(
            settings(connection), new ByteArrayDeserializer(), new ByteArrayDeserializer()));
  }

  /** For tests; takes the consumer over. */
  ResultTopics(Connection connection, SchemaRegistry registry, Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
    for (RecordKind kind : KINDS) {
      deserializers.put(connection.topic(kind), new RecordDeserializer<>(type(kind), registry));
    }
  }

  private static Class<? extends SpecificRecord> type(RecordKind kind) {
    return switch (kind) {
      case CHUNKS -> CompletionChunk.class;
      case COMPLETIONS -> Completion.class;
      case DEAD_LETTERS -> DeadLetter.class;
      case PROMPTS, TRACES -> throw new IllegalArgumentException(kind + " are no results");
    };
  }

  private static Map<String, Object> settings(Connection connection) {
    Map<String, Object> settings =
        connection.clientSettings(
            Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "falaj-gateway",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                API_LIMIT_MS));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }

  /**
   * Asks the broker which partitions there are. The first call settles that reading begins at their
   * ends; those that come later are new and read from their beginning.
   *
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer within some
   *     seconds, or lacks a topic; what is read already stays so
   */
  void refresh() {
    Map<String, List<PartitionInfo>> existing =
        consumer.listTopics(Duration.ofMillis(API_LIMIT_MS));
    Set<TopicPartition> added = new HashSet<>();
    for (String topic : deserializers.keySet()) {
      List<PartitionInfo> partitions = existing.getOrDefault(topic, List.of());
      if (partitions.isEmpty()) {
        throw new UnknownTopicOrPartitionException("the broker tells no partition of " + topic);
      }
      partitions.forEach(info -> added.add(new TopicPartition(topic, info.partition())));
    }
    added.removeAll(assigned);
    if (!added.isEmpty()) {
      Map<TopicPartition, Long> starts =
          assigned.isEmpty() ? consumer.endOffsets(added) : consumer.beginningOffsets(added);
      assigned.addAll(added);
      consumer.assign(assigned);
      starts.forEach(consumer::seek);
    }
  }

  /**
   * What has come, in the order of each partition; empty where nothing did within the time.
   *
   * @param wanted which keys to decode the records of
   */
  List<Result> poll(Duration limit, Predicate<String> wanted) {
    registryFailure = Optional.empty();
    List<Result> results = new ArrayList<>();
    var messages = consumer.poll(limit);
    for (TopicPartition partition : messages.partitions()) {
      for (ConsumerRecord<byte[], byte[]> message : messages.records(partition)) {
        if (registryFailure.isPresent() || !read(message, wanted, results)) {
          consumer.seek(partition, message.offset());
          break;
        }
      }
    }
    return results;
  }

  /** Whether the record was read, or need not be. */
  private boolean read(
      ConsumerRecord<byte[], byte[]> message, Predicate<String> wanted, List<Result> results) {
    if (message.key() == null || message.value() == null) {
      return true;
    }
    String key = new String(message.key(), StandardCharsets.UTF_8);
    if (!wanted.test(key)) {
      return true;
    }
    try {
      SpecificRecord value =
          deserializers.get(message.topic()).deserialize(message.topic(), message.value());
      results.add(new Result(key, value));
    } catch (UndecodableRecordException e) {
      LOG.warn(
          "A record of {} in {}-{} at {} is none of ours: {}",
          key,
          message.topic(),
          message.partition(),
          message.offset(),
          e.errorCode());
    } catch (SchemaRegistryException e) {
      registryFailure = Optional.of(e);
      return false;
    }
    return true;
  }

  /** Why the last {@link #poll} stopped before a record; empty where it did not. */
  Optional<SchemaRegistryException> registryFailure() {
    return registryFailure;
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
