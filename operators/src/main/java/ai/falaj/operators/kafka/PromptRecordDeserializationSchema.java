package ai.falaj.operators.kafka;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.RetryHeader;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the prompts topic. Bytes that are no prompt become a {@link PromptRecord.Undecodable}, for
 * the dead letters; a record without a value is a cancellation. A registry that is out of reach
 * fails the job after {@link RegistryRetries}: the record may be fine, so it is read again.
 *
 * <p>Confined to the task thread of the source.
 */
public final class PromptRecordDeserializationSchema
    implements KafkaRecordDeserializationSchema<PromptRecord> {

  private static final long serialVersionUID = 1L;

  private final RegistryAccess registryAccess;

  private transient RecordDeserializer<PromptRequest> values;
  private transient RegistryRetries retries;

  public PromptRecordDeserializationSchema(RegistryAccess registryAccess) {
    this.registryAccess = Objects.requireNonNull(registryAccess, "registryAccess");
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    open(new RegistryRetries());
  }

  void open(RegistryRetries registryRetries) {
    values = new RecordDeserializer<>(PromptRequest.class, registryAccess.open());
    retries = registryRetries;
  }

  /**
   * @throws SchemaRegistryException when the registry could not be asked
   */
  @Override
  public void deserialize(
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
      return PromptRecord.Cancellation.OF_PARTITION;
    }
    try {
      return new PromptRecord.Request(
          retries.call(() -> values.deserialize(record.topic(), record.value())));
    } catch (UndecodableRecordException undecodable) {
      return new PromptRecord.Undecodable(undecodable.errorCode(), undecodable.getMessage());
    }
  }

  @Override
  public TypeInformation<PromptRecord> getProducedType() {
    return InferenceOutputs.PROMPT_TYPE;
  }
}
