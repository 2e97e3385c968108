package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

  @Test
  void repeatsTheBytesOfARecordSoThatItCanBeSentAgain() {
    DeadLetter letter = letterOf(DeadLetters.MAX_COPIED_BYTES - 3);

    assertThat(letter.getValue().remaining()).isEqualTo(DeadLetters.MAX_COPIED_BYTES - 3);
    assertThat(letter.getMessage()).isEqualTo("wrong");
  }

  @Test
  void pointsToARecordThatABrokerMightRefuseASecondTime() {
    DeadLetter letter = letterOf(DeadLetters.MAX_COPIED_BYTES - 2);

    assertThat(letter.getValue()).isNull();
    assertThat(letter.getKey()).isNull();
    assertThat(letter.getMessage())
        .startsWith("wrong; its " + (DeadLetters.MAX_COPIED_BYTES + 1) + " bytes are not copied")
        .contains("falaj.prompts-3@42");
    assertThat(letter.getSourceOffset()).isEqualTo(42);
  }

  @Test
  void saysHowOftenTheRecordHadBeenSentAgain() {
    assertThat(letterOf(3).getRetries()).isEqualTo(2);
  }

  private static DeadLetter letterOf(int valueBytes) {
    PromptRecord record =
        new PromptRecord(
            new RecordOrigin("falaj.prompts", 3, 42),
            7,
            Optional.of(Prompts.bytes("key")),
            Optional.of(ByteBuffer.allocate(valueBytes)),
            Optional.empty(),
            2,
            new PromptRecord.Undecodable(ErrorCode.UNDECODABLE_RECORD, "wrong"));
    return DeadLetters.of(record, ErrorCode.UNDECODABLE_RECORD, "wrong", 0, 0).value();
  }
}
