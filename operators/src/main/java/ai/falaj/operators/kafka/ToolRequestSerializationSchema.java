package ai.falaj.operators.kafka;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.ToolRequest;
import java.nio.ByteBuffer;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes tool requests as {@link OutputRecordSerializationSchema} writes results, but under the
 * prompt's own record key, whatever bytes it has: the response repeats it and so finds the subtask
 * that waits.
 *
 * <p>Confined to the task thread of the sink.
 */
public final class ToolRequestSerializationSchema
    implements KafkaRecordSerializationSchema<OutputRecord<ToolRequest>> {

  private static final long serialVersionUID = 1L;

  private final OutputRecordSerializationSchema<ToolRequest> records;

  /**
   * @param autoRegister false: the topic's schema must have been registered before
   */
  public ToolRequestSerializationSchema(
      String topic, RegistryAccess registryAccess, boolean autoRegister) {
    records =
        new OutputRecordSerializationSchema<>(
            topic, ToolRequest.class, registryAccess, autoRegister);
  }

  @Override
  public void open(
      SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext) {
    records.open(context, sinkContext);
  }

  void open(RegistryRetries registryRetries) {
    records.open(registryRetries);
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      OutputRecord<ToolRequest> element, KafkaSinkContext context, Long timestamp) {
    ProducerRecord<byte[], byte[]> record = records.serialize(element, context, timestamp);
    return new ProducerRecord<>(
        record.topic(),
        record.partition(),
        record.timestamp(),
        bytes(element.value().getKey()),
        record.value(),
        record.headers());
  }

  private static byte[] bytes(ByteBuffer key) {
    if (key == null) {
      return null;
    }
    byte[] bytes = new byte[key.remaining()];
    key.duplicate().get(bytes);
    return bytes;
  }
}
