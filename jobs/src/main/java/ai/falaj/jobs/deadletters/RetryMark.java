package ai.falaj.jobs.deadletters;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * The record that says that a dead letter was sent again: in the letter's own partition, with its
 * key, no value, and the letter's offset in the header {@value #HEADER}. It is written in the
 * transaction that sends the prompt, so one is there exactly if the other is.
 *
 * <p>Why here, and not in offsets of a consumer group or a topic of its own: selections by code or
 * id leave holes, which a committed offset cannot express, and Kafka forgets a group's offsets
 * after a week without use, which would send everything a second time. A mark in the letter's
 * partition cannot be lost before the letter, because Kafka deletes a partition from its beginning;
 * it needs no topic, no retention and no rights that the letters have not. Price: readers of the
 * topic meet records without a value, which serializers hand on as null.
 */
final class RetryMark {

  static final String HEADER = "falaj-retried";

  private RetryMark() {}

  /**
   * @param key of the letter's own record; null where it has none
   */
  static ProducerRecord<byte[], byte[]> of(String topic, Letter letter, byte[] key) {
    ProducerRecord<byte[], byte[]> mark =
        new ProducerRecord<>(topic, letter.partition(), key, null);
    mark.headers().add(HEADER, Long.toString(letter.offset()).getBytes(StandardCharsets.US_ASCII));
    return mark;
  }

  /**
   * The offset of the letter that a record marks; empty where the record is no mark.
   *
   * @throws IllegalStateException for a mark whose offset cannot be read: going on might send a
   *     prompt twice
   */
  static OptionalLong read(ConsumerRecord<byte[], byte[]> message) {
    Header header = message.headers().lastHeader(HEADER);
    if (message.value() != null || header == null) {
      return OptionalLong.empty();
    }
    String offset =
        header.value() == null ? "" : new String(header.value(), StandardCharsets.US_ASCII);
    if (!offset.matches("\\d{1,18}")) {
      throw new IllegalStateException(
          "the header %s of %s-%d@%d holds no offset"
              .formatted(HEADER, message.topic(), message.partition(), message.offset()));
    }
    return OptionalLong.of(Long.parseLong(offset));
  }
}
