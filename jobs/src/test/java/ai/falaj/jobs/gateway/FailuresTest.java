package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.web.WebException;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailuresTest {

  @ParameterizedTest
  @EnumSource
  void makesAnErrorOfEachCodeThatTheDocumentNames(ErrorCode code) throws IOException {
    WebException failure =
        Failures.of(
            DeadLetter.newBuilder()
                .setSourceTopic("t")
                .setSourcePartition(0)
                .setSourceOffset(0)
                .setErrorCode(code)
                .setMessage("what is wrong; what helps")
                .setFailedAt(Instant.EPOCH)
                .build());

    assertThat(failure.status()).isBetween(400, 599);
    assertThat(failure.getMessage()).isEqualTo("what is wrong; what helps");
    Path document = Path.of(System.getProperty("falaj.home")).resolve("docs/GATEWAY.md");
    assertThat(Files.readAllLines(document))
        .as("docs/GATEWAY.md has %d %s", failure.status(), failure.code())
        .anyMatch(
            line ->
                line.startsWith("| " + failure.status() + " |")
                    && line.contains("`" + failure.code() + "`"));
  }
}
