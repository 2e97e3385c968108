package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code falaj dashboard} refuses, before it listens. */
class DashboardCommandTest {

  @TempDir Path cache;

  @ParameterizedTest
  @CsvSource({
    "--address=0.0.0.0,            add --token-file FILE",
    "--address=not.a.host.invalid, give an address of this machine",
    "--port=70000,                 correct --port",
    "--history=soon,               give a number with a unit",
    "--token-env=NO_SUCH_VARIABLE, 'set it, or correct --token-env'",
    "--token-file=/no/such/file,   correct it"
  })
  void refusesInOneLineWithTheRemedy(String option, String remedy) {
    CliRun run = CliRun.of(cache, "dashboard", option);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(remedy);
    assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void refusesATokenThatCouldBeGuessedWithoutSayingIt() throws Exception {
    Path file = Files.writeString(cache.resolve("token"), "hunter2\n");

    CliRun run = CliRun.of(cache, "dashboard", "--token-file=" + file);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("the token has 7 characters").doesNotContain("hunter2");
  }
}
