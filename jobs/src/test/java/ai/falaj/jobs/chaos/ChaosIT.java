package ai.falaj.jobs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.chaos.ChaosEvent.Kill;
import ai.falaj.jobs.chaos.ChaosEvent.Target;
import ai.falaj.jobs.chaos.ChaosEvent.Victim;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.cluster.ClusterOptions;
import ai.falaj.jobs.cluster.ProcessCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Less than a minute of chaos on a real cluster; {@code falaj chaos} is the same for longer. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ChaosIT {

  private static final ChaosSettings SETTINGS =
      new ChaosSettings(
          42,
          Duration.ofSeconds(25),
          2,
          2,
          8,
          3,
          List.of(),
          Duration.ofMinutes(2),
          Optional.empty(),
          Map.of());

  private static final ChaosSchedule SCHEDULE =
      new ChaosSchedule(
          List.of(
              kill(4, Target.TASK_MANAGER), kill(11, Target.JOB_MANAGER), kill(18, Target.BROKER)));

  @TempDir Path directory;

  @Test
  void losesAndDoublesNothingWhenEachKindOfProcessIsKilled() throws Exception {
    ClusterOptions options =
        ClusterOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("data"),
                directory.resolve("logs"))
            .withTopics(Connection.defaultTopics(), 4);
    Configuration job = ChaosJob.options(SETTINGS);
    ChaosReport report;
    try (ProcessCluster cluster = ProcessCluster.start(options)) {
      report = new ChaosRun(cluster, SETTINGS, SCHEDULE, job, new Silent()).run();
    }

    LedgerBalance ledger = report.ledger();
    assertThat(ledger.isRight()).as("%s", ChaosText.lines(report)).isTrue();
    assertThat(ledger.sent()).isGreaterThanOrEqualTo(8 * 25);
    assertThat(ledger.completed() + ledger.deadLettered()).isEqualTo(ledger.sent());
    assertThat(ledger.deadLettered()).isPositive();
    assertThat(ledger.tokensRepeated()).isBetween(1L, ledger.tokensGenerated() - 1);
    assertThat(report.events())
        .hasSize(3)
        .allSatisfy(event -> assertThat(event.recoveredAfterSeconds()).isPositive());
    assertThat(ProcessHandle.current().children()).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
  }

  private static Kill kill(int atSeconds, Target target) {
    return new Kill(Duration.ofSeconds(atSeconds), new Victim(target, 0), Duration.ofMillis(500));
  }

  private static final class Silent implements ChaosRun.Progress {
    @Override
    public void loading(Duration elapsed, Duration planned) {}

    @Override
    public void draining(int answered, int sent) {}
  }
}
