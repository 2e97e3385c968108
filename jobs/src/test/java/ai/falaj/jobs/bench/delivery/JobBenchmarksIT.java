package ai.falaj.jobs.bench.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.TerminalSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** Every benchmark of whole jobs, small, one after the other in one real stack. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class JobBenchmarksIT {

  private static BenchStack stack;

  @BeforeAll
  static void startStack() throws Exception {
    stack = BenchStack.start(Path.of(System.getProperty("falaj.home")), 2, line -> {});
  }

  @AfterAll
  static void stopStack() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void comparesTheJobWithAPlainMap() throws Exception {
    BenchmarkReport<BenchDeliveryCommand.Load, BenchDeliveryCommand.Round> report =
        measure(new BenchDeliveryCommand(), "--prompts=3000", "--rounds=1");

    BenchDeliveryCommand.Round round = report.rounds().get(0);
    assertThat(round.ratio()).isPositive();
    assertThat(round.falaj().cpuMicros()).containsKeys("tasks", "engine", "broker");
    assertThat(round.plainMap().cpuMicros().get("tasks")).isPositive();
  }

  @Test
  void followsTokensIntoTheTopic() throws Exception {
    BenchmarkReport<BenchLatencyCommand.Load, BenchLatencyCommand.Stage> report =
        measure(new BenchLatencyCommand(), "--warm-up=1", "--seconds=2", "--tokens-per-second=30");

    assertThat(report.rounds()).hasSize(3);
    assertThat(report.rounds())
        .allSatisfy(
            stage -> {
              assertThat(stage.tokens()).isGreaterThan(100);
              assertThat(stage.p50()).isPositive().isLessThanOrEqualTo(stage.p99());
            });
    assertThat(report.rounds().get(0).p50()).isLessThanOrEqualTo(report.rounds().get(2).p50() + 1);
  }

  @Test
  void findsConversationsInOrderAndOutOfOrder() throws Exception {
    BenchmarkReport<BenchOrderCommand.Load, BenchOrderCommand.Round> report =
        measure(
            new BenchOrderCommand(),
            "--prompts=600",
            "--conversations=5",
            "--rounds=1",
            "--tokens-per-second=1000");

    BenchOrderCommand.Round round = report.rounds().get(0);
    assertThat(round.keyOrdered().overtaken()).isZero();
    assertThat(round.keyOrdered().conversations()).isEqualTo(5);
    assertThat(round.unordered().overtaken()).isPositive();
  }

  @Test
  void measuresCheckpointsOfAllVariants() throws Exception {
    BenchmarkReport<BenchCheckpointsCommand.Load, BenchCheckpointsCommand.Run> report =
        measure(
            new BenchCheckpointsCommand(),
            "--in-flight=32",
            "--seconds=3",
            "--interval=200",
            "--min-tokens=20",
            "--max-tokens=100");

    assertThat(report.rounds()).hasSize(4);
    BenchCheckpointsCommand.Run inPlace = report.rounds().get(0);
    assertThat(inPlace.completed()).isPositive();
    assertThat(inPlace.size().bytes()).isPositive();
    assertThat(inPlace.size().bytesPerToken()).isPositive();
  }

  @Test
  void watchesTheHeap() throws Exception {
    BenchmarkReport<BenchBacklogCommand.Load, BenchBacklogCommand.Observed> report =
        measure(new BenchBacklogCommand(), "--prompts=2000", "--minutes=0.05", "--gc-every=0.5");

    BenchBacklogCommand.Observed observed = report.rounds().get(0);
    assertThat(observed.heapBytes()).hasSizeGreaterThanOrEqualTo(5);
    assertThat(observed.mostInFlight()).isBetween(16, 128);
    assertThat(observed.restarts()).isZero();
  }

  private static <L, R> BenchmarkReport<L, R> measure(
      JobBenchmarkCommand<L, R> command, String... options) throws Exception {
    new CommandLine(command).parseArgs(options);
    Prompts prompts = command.prompts();
    PacedSpec engine = command.engine();
    Console console =
        new Console(
            new PrintWriter(new StringWriter()),
            new PrintWriter(new StringWriter()),
            false,
            TerminalSettings.none());
    BenchmarkReport<L, R> report = command.measure(stack, prompts, engine, console);
    assertThat(command.details(report.rounds())).isNotEmpty();
    assertThat(report.verdicts()).isNotEmpty();
    return report;
  }
}
