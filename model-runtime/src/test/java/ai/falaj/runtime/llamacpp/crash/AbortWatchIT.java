package ai.falaj.runtime.llamacpp.crash;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.llamacpp.AbortingProcess;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that die in the middle of a step, and what they leave behind. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AbortWatchIT {

  private static final int SIGABRT = 128 + 6;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = AbortingProcess.Death.class,
      names = {"ABORT", "ABORT_IN_WORKER"})
  void theJournalNamesTheRequestsOfAStepThatAborts(AbortingProcess.Death death) throws Exception {
    Process process = start(death);
    try {
      assertThat(process.waitFor()).isEqualTo(SIGABRT);
    } finally {
      process.destroyForcibly();
    }
    assertThat(new CrashJournal(directory, System::currentTimeMillis).crashes())
        .isEqualTo(Map.of("request-0", 1, "request-1", 1));
  }

  @Test
  void aProcessThatIsKilledBlamesNobody() throws Exception {
    Process process = start(AbortingProcess.Death.KILLED);
    try (BufferedReader said = process.inputReader()) {
      String line = said.readLine();
      while (line != null && !line.equals(AbortingProcess.IN_STEP)) {
        line = said.readLine();
      }
      assertThat(line).isEqualTo(AbortingProcess.IN_STEP);
      process.destroyForcibly().waitFor();
    } finally {
      process.destroyForcibly();
    }
    assertThat(directory).isEmptyDirectory();
  }

  private Process start(AbortingProcess.Death death) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            AbortingProcess.class.getName(),
            directory.toString(),
            death.name())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
