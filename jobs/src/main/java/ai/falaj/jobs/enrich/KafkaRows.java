package ai.falaj.jobs.enrich;

import ai.falaj.operators.kafka.TraceContext;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes records under the keys that they were read with. Stateless. */
record KafkaRows(String topic) implements KafkaRecordSerializationSchema<EnrichedRow> {

  private static final long serialVersionUID = 1L;

  KafkaRows {
    Objects.requireNonNull(topic, "topic");
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      EnrichedRow row, KafkaSinkContext context, Long timestamp) {
    Long atLeastEpoch = timestamp == null || timestamp < 0 ? null : timestamp;
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic, null, atLeastEpoch, row.key().map(KafkaRows::bytes).orElse(null), row.value());
    row.traceparent().ifPresent(trace -> TraceContext.write(trace, record.headers()));
    return record;
  }

  private static byte[] bytes(ByteBuffer key) {
    byte[] bytes = new byte[key.remaining()];
    key.duplicate().get(bytes);
    return bytes;
  }
}
