package ai.falaj.jobs.deadletters;

import ai.falaj.jobs.client.Connection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the Kafka clients of these commands. What exactly-once rests on, no setting overrides. */
final class KafkaClients {

  /** As much as a producer buffers: the broker took the record once, so it decides again. */
  private static final int LARGEST_RECORD_BYTES = 32 * 1024 * 1024;

  /** How long readers wait for a transaction whose process was killed, at most. */
  private static final int TRANSACTION_TIMEOUT_MS = 30_000;

  private KafkaClients() {}

  static Consumer<byte[], byte[]> consumer(Connection connection, IsolationLevel isolation) {
    return new KafkaConsumer<>(
        forced(
            connection.clientSettings(
                Map.of(
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    "falaj-dead-letters",
                    ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    10_000)),
            Map.of(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                isolation.toString().toLowerCase(Locale.ROOT),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false)),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /**
   * A producer that takes over from whoever has the same transactional id.
   *
   * @param lettersTopic whose letters it sends again: one producer at a time for each
   */
  static Producer<byte[], byte[]> producer(Connection connection, String lettersTopic) {
    return new KafkaProducer<>(
        forced(
            connection.clientSettings(
                Map.of(
                    ProducerConfig.CLIENT_ID_CONFIG,
                    "falaj-dead-letters-retry",
                    ProducerConfig.LINGER_MS_CONFIG,
                    5,
                    ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                    LARGEST_RECORD_BYTES,
                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                    10_000,
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                    20_000,
                    ProducerConfig.MAX_BLOCK_MS_CONFIG,
                    30_000)),
            Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId(lettersTopic),
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                TRANSACTION_TIMEOUT_MS,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all")),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  static String transactionalId(String lettersTopic) {
    return "falaj-dead-letters-retry-" + lettersTopic;
  }

  private static Map<String, Object> forced(
      Map<String, Object> settings, Map<String, Object> values) {
    Map<String, Object> all = new HashMap<>(settings);
    all.putAll(values);
    return all;
  }
}
