package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class LetterSenderTest {

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final LetterSender sender = new LetterSender(producer, Letters.TOPIC, Optional.empty());

  @Test
  void sendsThePromptAsItWasWithItsMarkInOneTransaction() {
    sender.takeOver();
    send(3, letter("r1"));
    assertThat(producer.history()).as("committed").isEmpty();

    sender.commit();

    assertThat(sender.sent()).isEqualTo(1);
    assertThat(producer.commitCount()).isEqualTo(1);
    ProducerRecord<byte[], byte[]> prompt = producer.history().get(0);
    assertThat(prompt.topic()).isEqualTo(Letters.SOURCE);
    assertThat(prompt.partition()).as("the key decides").isNull();
    assertThat(Letters.text(prompt.key())).isEqualTo("key of r1");
    assertThat(Letters.text(prompt.value())).isEqualTo("prompt of r1");
    assertThat(Letters.texts(prompt.headers()))
        .isEqualTo(Map.of("traceparent", Letters.text(Letters.TRACEPARENT), "falaj-retry", "1"));
    ProducerRecord<byte[], byte[]> mark = producer.history().get(1);
    assertThat(mark.topic()).isEqualTo(Letters.TOPIC);
    assertThat(mark.partition()).isEqualTo(1);
    assertThat(RetryMark.read(Letters.read(mark, 9))).hasValue(3);
  }

  @Test
  void countsOnFromTheRetriesOfTheLetter() {
    DeadLetter letter = letter("r1");
    letter.setRetries(2);
    sender.takeOver();
    send(0, letter);
    sender.commit();

    assertThat(Letters.texts(producer.history().get(0).headers()))
        .containsEntry("falaj-retry", "3");
  }

  @Test
  void sendsToAnotherTopicWhereAsked() {
    LetterSender elsewhere = new LetterSender(producer, Letters.TOPIC, Optional.of("quarantine"));
    elsewhere.takeOver();
    send(elsewhere, 0, letter("r1"), 3);
    elsewhere.commit();

    assertThat(producer.history())
        .extracting(ProducerRecord::topic)
        .containsExactly("quarantine", Letters.TOPIC);
  }

  @Test
  void boundsTransactionsByLetters() {
    sender.takeOver();
    for (int i = 0; i <= LetterSender.LETTERS_PER_TRANSACTION; i++) {
      send(i, letter("r" + i));
    }
    assertThat(producer.commitCount()).isEqualTo(1);
    assertThat(sender.sent()).isEqualTo(LetterSender.LETTERS_PER_TRANSACTION);

    sender.commit();
    assertThat(producer.commitCount()).isEqualTo(2);
    assertThat(sender.sent()).isEqualTo(LetterSender.LETTERS_PER_TRANSACTION + 1);
  }

  @Test
  void boundsTransactionsByBytes() {
    sender.takeOver();
    int half = LetterSender.BYTES_PER_TRANSACTION / 2 + 1;
    send(sender, 0, letter("r0"), half);
    send(sender, 1, letter("r1"), half);
    assertThat(sender.sent()).isEqualTo(1);
    send(sender, 2, letter("r2"), LetterSender.BYTES_PER_TRANSACTION + 1);
    assertThat(sender.sent()).isEqualTo(2);
    sender.commit();

    assertThat(producer.commitCount()).isEqualTo(3);
  }

  @Test
  void commitsNothingWhereNothingWasSent() {
    sender.takeOver();
    sender.commit();

    assertThat(producer.commitCount()).isZero();
  }

  @Test
  void endsWhenAnotherSenderTookOver() {
    sender.takeOver();
    send(0, letter("r1"));
    producer.fenceProducer();

    assertThatThrownBy(sender::commit)
        .isInstanceOf(CliException.class)
        .hasMessage(
            "another 'falaj dead-letters retry' took over after 0 letters; when it has ended, run it"
                + " again: what was sent is not sent twice");
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void saysWhyTheBrokerTookNoMore() {
    sender.takeOver();
    send(0, letter("r1"));
    producer.commitTransactionException =
        new KafkaException("cannot go on", new KafkaException("the record is too large"));

    assertThatThrownBy(sender::commit)
        .isInstanceOf(CliException.class)
        .hasMessage(
            "the broker took 0 letters and then failed: the record is too large; run it again: what"
                + " was sent is not sent twice");
  }

  @Test
  void takesBackWhatIsNotCommittedWhenItIsClosed() {
    sender.takeOver();
    send(0, letter("r1"));
    sender.close();

    assertThat(producer.closed()).isTrue();
    assertThat(producer.history()).isEqualTo(List.of());
  }

  private static DeadLetter letter(String id) {
    return Letters.letter(id, ErrorCode.ENGINE_FAILURE);
  }

  private void send(long offset, DeadLetter letter) {
    ConsumerRecord<byte[], byte[]> message = Letters.message(1, offset, letter, registry);
    sender.send(Letter.open(1, offset, letter), Original.of(letter).orElseThrow(), message);
  }

  private void send(LetterSender to, long offset, DeadLetter letter, int bytes) {
    ConsumerRecord<byte[], byte[]> message = Letters.message(1, offset, letter, registry);
    to.send(Letter.open(1, offset, letter), new Original(null, new byte[bytes]), message);
  }
}
