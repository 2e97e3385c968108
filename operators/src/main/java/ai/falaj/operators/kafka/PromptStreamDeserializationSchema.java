package ai.falaj.operators.kafka;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.RetryHeader;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads a topic into the stream of prompts. Bytes that are no record of the topic become a {@link
 * PromptRecord.Undecodable}, for the dead letters. A registry that is out of reach fails the job
 * after {@link RegistryRetries}: the record may be fine, so it is read again.
 *
 * <p>Confined to the task thread of the source.
 *
 * @param <T> values of the topic
 */
abstract class PromptStreamDeserializationSchema<T extends SpecificRecord>
    implements KafkaRecordDeserializationSchema<PromptRecord> {

  private static final long serialVersionUID = 1L;

  private final Class<T> valueClass;
  private final RegistryAccess registryAccess;

  private transient RecordDeserializer<T> values;
  private transient RegistryRetries retries;

  PromptStreamDeserializationSchema(Class<T> valueClass, RegistryAccess registryAccess) {
    this.valueClass = Objects.requireNonNull(valueClass, "valueClass");
    this.registryAccess = Objects.requireNonNull(registryAccess, "registryAccess");
  }

  /** What a value means. */
  abstract PromptRecord.Content content(T value);

  /** What a record without a value means. */
  abstract PromptRecord.Content contentWithoutValue();

  @Override
  public final void open(DeserializationSchema.InitializationContext context) {
    open(new RegistryRetries());
  }

  final void open(RegistryRetries registryRetries) {
    values = new RecordDeserializer<>(valueClass, registryAccess.open());
    retries = registryRetries;
  }

  /**
   * @throws SchemaRegistryException when the registry could not be asked
   */
  @Override
  public final void deserialize(
      ConsumerRecord<byte[], byte[]> record, Collector<PromptRecord> collector) {
    collector.collect(
        new PromptRecord(
            new RecordOrigin(record.topic(), record.partition(), record.offset()),
            record.timestamp(),
            Optional.ofNullable(record.key()).map(ByteBuffer::wrap),
            Optional.ofNullable(record.value()).map(ByteBuffer::wrap),
            TraceContext.read(record.headers()),
            RetryHeader.read(record.headers()),
            content(record)));
  }

  private PromptRecord.Content content(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return contentWithoutValue();
    }
    try {
      return content(retries.call(() -> values.deserialize(record.topic(), record.value())));
    } catch (UndecodableRecordException undecodable) {
      return new PromptRecord.Undecodable(undecodable.errorCode(), undecodable.getMessage());
    }
  }

  @Override
  public final TypeInformation<PromptRecord> getProducedType() {
    return InferenceOutputs.PROMPT_TYPE;
  }
}
