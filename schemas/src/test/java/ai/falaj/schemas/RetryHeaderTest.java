package ai.falaj.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryHeaderTest {

  private final RecordHeaders headers = new RecordHeaders();

  @Test
  void isReadAsItWasWritten() {
    RetryHeader.write(1, headers);
    RetryHeader.write(999_999_999, headers);

    assertThat(RetryHeader.read(headers)).isEqualTo(999_999_999);
  }

  @Test
  void isZeroForARecordThatAClientSent() {
    assertThat(RetryHeader.read(headers)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "two", "٣", "1 ", "9999999999"})
  void isZeroWhereItIsNoCount(String value) {
    headers.add(RetryHeader.NAME, value.getBytes(StandardCharsets.UTF_8));

    assertThat(RetryHeader.read(headers)).isZero();
  }

  @Test
  void isZeroWhereItHasNoValue() {
    headers.add(RetryHeader.NAME, null);

    assertThat(RetryHeader.read(headers)).isZero();
  }

  @Test
  void refusesToCountFromZero() {
    assertThatThrownBy(() -> RetryHeader.write(0, headers))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("retry is 0; it must be 1 to 999999999");
  }
}
