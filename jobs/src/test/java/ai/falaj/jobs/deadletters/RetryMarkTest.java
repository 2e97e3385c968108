package ai.falaj.jobs.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.testing.InMemorySchemaRegistry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class RetryMarkTest {

  private static final Letter LETTER =
      Letter.open(2, 41, Letters.letter("r1", ErrorCode.ENGINE_FAILURE));

  @Test
  void liesInTheLettersPartitionUnderItsKeyAndNamesItsOffset() {
    ProducerRecord<byte[], byte[]> mark = RetryMark.of(Letters.TOPIC, LETTER, Letters.bytes("r1"));

    assertThat(mark.topic()).isEqualTo(Letters.TOPIC);
    assertThat(mark.partition()).isEqualTo(2);
    assertThat(mark.key()).isEqualTo(Letters.bytes("r1"));
    assertThat(mark.value()).isNull();
    assertThat(RetryMark.read(Letters.read(mark, 50))).hasValue(41);
  }

  @Test
  void isNoRecordWithAValueOrWithoutTheHeader() {
    assertThat(
            RetryMark.read(
                Letters.message(
                    0,
                    0,
                    Letters.letter("r1", ErrorCode.ENGINE_FAILURE),
                    new InMemorySchemaRegistry())))
        .isEmpty();
    assertThat(RetryMark.read(new ConsumerRecord<>(Letters.TOPIC, 0, 0, null, null))).isEmpty();
  }

  @Test
  void isRefusedWhereItsOffsetCannotBeRead() {
    ConsumerRecord<byte[], byte[]> mark = new ConsumerRecord<>(Letters.TOPIC, 3, 9, null, null);
    mark.headers().add(RetryMark.HEADER, Letters.bytes("-1"));

    assertThatThrownBy(() -> RetryMark.read(mark))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the header falaj-retried of letters-3@9 holds no offset");
  }
}
