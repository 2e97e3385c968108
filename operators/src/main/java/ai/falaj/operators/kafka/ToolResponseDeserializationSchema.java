package ai.falaj.operators.kafka;

import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.RetryHeader;
import ai.falaj.schemas.ToolResponse;
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
 * Reads the topic of tool responses into the stream of prompts, where each meets the request that
 * waits for it by its record key. Bytes that are no response become a {@link
 * PromptRecord.Undecodable}, for the dead letters. A registry that is out of reach fails the job
 * after {@link RegistryRetries}.
 *
 * <p>Confined to the task thread of the source.
 */
public final class ToolResponseDeserializationSchema
    implements KafkaRecordDeserializationSchema<PromptRecord> {

  private static final long serialVersionUID = 1L;

  private final RegistryAccess registryAccess;

  private transient RecordDeserializer<ToolResponse> values;
  private transient RegistryRetries retries;

  public ToolResponseDeserializationSchema(RegistryAccess registryAccess) {
    this.registryAccess = Objects.requireNonNull(registryAccess, "registryAccess");
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    open(new RegistryRetries());
  }

  void open(RegistryRetries registryRetries) {
    values = new RecordDeserializer<>(ToolResponse.class, registryAccess.open());
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
      return new PromptRecord.Undecodable(
          ErrorCode.UNDECODABLE_RECORD,
          "the record has no value; a tool that has nothing to say answers with empty content");
    }
    try {
      return new PromptRecord.ToolAnswer(
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
