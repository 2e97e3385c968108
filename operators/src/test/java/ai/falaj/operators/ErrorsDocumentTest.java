package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/ERRORS.md} says what the code does. */
class ErrorsDocumentTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "ERRORS.md");

  @ParameterizedTest
  @EnumSource(ErrorPolicy.class)
  void hasARowForEachError(ErrorPolicy policy) throws IOException {
    String code =
        switch (policy.action()) {
          case DEAD_LETTER -> " `" + policy.deadLetterCode() + "` ";
          case RETRY -> " `RETRIES_EXHAUSTED` ";
          case START_OVER, WAIT, FAIL_JOB -> " ";
        };
    String action =
        switch (policy.action()) {
          case DEAD_LETTER -> "dead letter";
          case RETRY -> "retry";
          case START_OVER -> "start over";
          case WAIT -> "wait";
          case FAIL_JOB -> "fail the job";
        };
    assertThat(Files.readString(DOCUMENT))
        .contains("| `" + policy.name() + "` | " + action + " |" + code + "|");
  }

  @Test
  void namesEachCodeOfADeadLetter() throws IOException {
    String document = Files.readString(DOCUMENT);
    assertThat(Arrays.stream(ErrorCode.values()))
        .filteredOn(code -> code != ErrorCode.UNKNOWN && code != ErrorCode.ENGINE_FAILURE)
        .allSatisfy(code -> assertThat(document).contains("`" + code + "`"));
  }
}
