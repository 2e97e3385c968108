package ai.falaj.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalyticsCommandTest {

  @TempDir private Path cache;

  @Test
  void saysHowToStartAStackWhereNoneRuns() {
    CliRun run = CliRun.of(cache, "analytics");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err())
        .contains("no local stack runs", "falaj up", "falaj submit --job analytics");
  }

  @Test
  void refusesNoParallelism() {
    CliRun run = CliRun.of(cache, "analytics", "-p", "0");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("--parallelism is 0; give at least 1");
  }
}
