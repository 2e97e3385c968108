package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.serde.RecordSerializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** Dead letters for tests. */
final class Letters {

  static final String TOPIC = "letters";
  static final String SOURCE = "prompts";
  static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  static final byte[] TRACEPARENT =
      bytes("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  private Letters() {}

  /** A letter that carries {@code key of ID} and {@code prompt of ID}. */
  static DeadLetter letter(String id, ErrorCode code) {
    return DeadLetter.newBuilder()
        .setRequestId(id)
        .setKey(ByteBuffer.wrap(bytes("key of " + id)))
        .setValue(ByteBuffer.wrap(bytes("prompt of " + id)))
        .setSourceTopic(SOURCE)
        .setSourcePartition(1)
        .setSourceOffset(7)
        .setErrorCode(code)
        .setMessage("it failed; mend it")
        .setAttempts(4)
        .setFailedAt(NOON)
        .build();
  }

  static ConsumerRecord<byte[], byte[]> message(
      int partition, long offset, DeadLetter letter, SchemaRegistry registry) {
    byte[] value = new RecordSerializer<>(DeadLetter.class, registry).serialize(TOPIC, letter);
    ConsumerRecord<byte[], byte[]> message =
        new ConsumerRecord<>(TOPIC, partition, offset, bytes(letter.getRequestId()), value);
    message.headers().add("traceparent", TRACEPARENT);
    return message;
  }

  static ConsumerRecord<byte[], byte[]> mark(int partition, long offset, long ofLetter) {
    ConsumerRecord<byte[], byte[]> message =
        new ConsumerRecord<>(TOPIC, partition, offset, null, null);
    message.headers().add(RetryMark.HEADER, bytes(Long.toString(ofLetter)));
    return message;
  }

  /** A record as the broker would hand it back. */
  static ConsumerRecord<byte[], byte[]> read(ProducerRecord<byte[], byte[]> sent, long offset) {
    ConsumerRecord<byte[], byte[]> message =
        new ConsumerRecord<>(sent.topic(), sent.partition(), offset, sent.key(), sent.value());
    sent.headers().forEach(message.headers()::add);
    return message;
  }

  static Map<String, String> texts(Headers headers) {
    Map<String, String> texts = new TreeMap<>();
    headers.forEach(header -> texts.put(header.key(), text(header.value())));
    return texts;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
