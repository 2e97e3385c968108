package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {

  @TempDir private Path directory;

  @Test
  void prefersTheLastErrorToTheLastLine() throws IOException {
    assertThat(lastErrorOf("INFO a\nERROR b\nERROR c\nINFO d\n")).isEqualTo("ERROR c");
  }

  @Test
  void takesTheCauseOfATrace() throws IOException {
    assertThat(
            lastErrorOf("Exception in thread \"main\" X\n\tat y\nCaused by: port in use\n\tat z"))
        .isEqualTo("Caused by: port in use");
  }

  @Test
  void takesTheLastLineWithoutAnError() throws IOException {
    assertThat(lastErrorOf("INFO a\nINFO b\n\n")).isEqualTo("INFO b");
  }

  @Test
  void readsOnlyTheEndOfALongLog() throws IOException {
    assertThat(lastErrorOf("ERROR old\n" + "INFO line\n".repeat(20_000))).isEqualTo("INFO line");
  }

  @Test
  void cutsLongLines() throws IOException {
    assertThat(lastErrorOf("ERROR " + "x".repeat(5_000))).hasSize(300);
  }

  @Test
  void findsNothingWithoutALog() {
    assertThat(LogTail.lastError(directory.resolve("absent"))).isEmpty();
  }

  private String lastErrorOf(String content) throws IOException {
    return LogTail.lastError(Files.writeString(directory.resolve("log"), content)).orElseThrow();
  }
}
