package ai.falaj.operators.kafka;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordSerializer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes one kind of record to its topic: the request id as key, the value in Confluent's wire
 * format, the trace context as header. The first record registers the value's schema.
 *
 * <p>Confined to the task thread of the sink.
 */
public final class OutputRecordSerializationSchema<T extends SpecificRecord>
    implements KafkaRecordSerializationSchema<OutputRecord<T>> {

  private static final long serialVersionUID = 1L;

  private final String topic;
  private final Class<T> valueClass;
  private final RegistryAccess registryAccess;
  private final boolean autoRegister;

  private transient RecordSerializer<T> values;
  private transient RegistryRetries retries;

  /**
   * @param autoRegister false: the topic's schema must have been registered before
   */
  public OutputRecordSerializationSchema(
      String topic, Class<T> valueClass, RegistryAccess registryAccess, boolean autoRegister) {
    this.topic = Objects.requireNonNull(topic, "topic");
    this.valueClass = Objects.requireNonNull(valueClass, "valueClass");
    this.registryAccess = Objects.requireNonNull(registryAccess, "registryAccess");
    this.autoRegister = autoRegister;
  }

  @Override
  public void open(
      SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext) {
    open(new RegistryRetries());
  }

  void open(RegistryRetries registryRetries) {
    values = new RecordSerializer<>(valueClass, registryAccess.open(), autoRegister);
    retries = registryRetries;
  }

  /**
   * @param timestamp the element's, in milliseconds since the epoch; null: the producer's clock
   * @throws SchemaRegistryException when the schema could not be registered; nothing was written
   */
  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      OutputRecord<T> element, KafkaSinkContext context, Long timestamp) {
    byte[] key = element.key().map(id -> id.getBytes(StandardCharsets.UTF_8)).orElse(null);
    byte[] value = retries.call(() -> values.serialize(topic, element.value()));
    Long atLeastEpoch = timestamp == null || timestamp < 0 ? null : timestamp;
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, null, atLeastEpoch, key, value);
    element
        .traceparent()
        .ifPresent(traceparent -> TraceContext.write(traceparent, record.headers()));
    return record;
  }
}
