package ai.falaj.jobs.client;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes single records, each for good or not at all. Stateless. */
public final class RecordWriter {

  private static final int LIMIT_MS = 10_000;

  private RecordWriter() {}

  /**
   * Returns when all replicas have it.
   *
   * @param clientId of the Kafka client
   * @param key may be null
   * @param value may be null
   * @throws KafkaException where the broker refuses it or does not answer for some seconds
   */
  public static RecordMetadata write(
      Connection connection, String topic, String clientId, byte[] key, byte[] value)
      throws InterruptedException {
    Map<String, Object> settings =
        connection.clientSettings(
            Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                clientId,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                LIMIT_MS / 2,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                LIMIT_MS,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                LIMIT_MS));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      return producer.send(new ProducerRecord<>(topic, key, value)).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException refused
          ? refused
          : new KafkaException(e.getCause());
    }
  }
}
