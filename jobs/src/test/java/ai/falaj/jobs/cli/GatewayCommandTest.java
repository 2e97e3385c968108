package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code falaj gateway} refuses, before it listens. */
class GatewayCommandTest {

  @TempDir Path cache;

  @ParameterizedTest
  @CsvSource({
    "--address=0.0.0.0,            add --keys FILE",
    "--address=not.a.host.invalid, give an address of this machine",
    "--port=70000,                 correct --port",
    "--keys=/no/such/file,         correct it",
    "--max-in-flight=0,            give larger ones",
    "--max-in-flight-per-tenant=0, give it 1 or more",
    "--timeout=0,                  give larger ones",
    "--bootstrap=localhost:1,      start one with: falaj up"
  })
  void refusesInOneLineWithTheRemedy(String option, String remedy) {
    CliRun run = CliRun.of(cache, "gateway", option);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(remedy);
    assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void refusesAKeyThatCouldBeGuessedWithoutSayingIt() throws Exception {
    Path file = Files.writeString(cache.resolve("keys"), "acme hunter2\n");

    CliRun run = CliRun.of(cache, "gateway", "--keys=" + file);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("keys line 1").doesNotContain("hunter2");
  }
}
