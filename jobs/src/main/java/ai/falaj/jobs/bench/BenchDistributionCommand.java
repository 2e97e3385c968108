package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.bench.DistributionBenchmark.Round;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.cluster.ClusterOptions;
import ai.falaj.jobs.cluster.ClusterOptions.TaskManagerSize;
import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.cluster.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TaskManagerOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench distribution}: how busy skewed prompts keep several TaskManagers. */
@Command(
    name = "distribution",
    description = "Answer skewed prompts with several TaskManagers and see how busy they are.",
    sortOptions = false)
final class BenchDistributionCommand extends FalajCommand {

  private static final int PARTITIONS = 6;

  @Option(
      names = "--prompts",
      paramLabel = "N",
      defaultValue = "1500",
      description = "Prompts of a round (default: ${DEFAULT-VALUE}).")
  private int prompts;

  @Option(
      names = "--hot-share",
      paramLabel = "SHARE",
      defaultValue = "0.6",
      description = "Of the prompts that lie in one partition (default: ${DEFAULT-VALUE}).")
  private double hotShare;

  @Option(
      names = "--median-tokens",
      paramLabel = "N",
      defaultValue = "40",
      description = "Of an answer; lengths are log-normal (default: ${DEFAULT-VALUE}).")
  private int medianTokens;

  @Option(
      names = "--taskmanagers",
      paramLabel = "N",
      defaultValue = "3",
      description = "TaskManagers with an engine each (default: ${DEFAULT-VALUE}).")
  private int taskManagers;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences that each engine runs at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "R",
      defaultValue = "100",
      description = "Of each sequence (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      defaultValue = "16",
      description = "Requests that a subtask holds at once (default: ${DEFAULT-VALUE}).")
  private int maxInFlight;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Of each way of distributing (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Decides lengths and places (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ReportOptions results;

  @Override
  protected int run(Console console) throws InterruptedException, IOException {
    DistributionLoad load =
        ReportOptions.checked(
            () ->
                new DistributionLoad(
                    prompts,
                    hotShare,
                    medianTokens,
                    taskManagers,
                    sequences,
                    tokensPerSecond,
                    maxInFlight,
                    rounds,
                    seed));
    Path home = StackOptions.homeOf(directories());
    Configuration flink = new Configuration();
    // A subtask's input holds a second of prompts instead of ten buffers full of them.
    flink.set(TaskManagerOptions.BUFFER_DEBLOAT_ENABLED, true);
    ClusterOptions options =
        ClusterOptions.in(
                home,
                RunDirectory.in(directories().cache().resolve("bench")),
                directories().logs().resolve("bench-distribution"))
            .withTopics(DistributionBenchmark.topics(load), PARTITIONS)
            .withTaskManagers(taskManagers, TaskManagerSize.SMALL)
            .withFlink(flink)
            .withProgress(console::note);
    BenchmarkReport<DistributionLoad, Round> report;
    try (ProcessCluster cluster = ProcessCluster.start(options)) {
      report = new DistributionBenchmark(load, cluster).run(console::note);
    }
    results.show(console, report);
    return ExitCodes.OK;
  }
}
