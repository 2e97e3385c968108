package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.bench.ResumeBenchmark.Round;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.cluster.ClusterOptions;
import ai.falaj.jobs.cluster.ClusterOptions.TaskManagerSize;
import ai.falaj.jobs.cluster.ProcessCluster;
import ai.falaj.jobs.cluster.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench resume}: what a killed TaskManager costs. */
@Command(
    name = "resume",
    description = "Kill a TaskManager half-way through its generations and count what is repeated.",
    sortOptions = false)
final class BenchResumeCommand extends FalajCommand {

  private static final int PARTITIONS = 4;

  @Option(
      names = "--generations",
      paramLabel = "N",
      defaultValue = "16",
      description = "Generations at once (default: ${DEFAULT-VALUE}).")
  private int generations;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "400",
      description = "Tokens of each (default: ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--tokens-per-second",
      paramLabel = "R",
      defaultValue = "16",
      description = "Speed of each (default: ${DEFAULT-VALUE}).")
  private double tokensPerSecond;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "Between checkpoints (default: ${DEFAULT-VALUE}).")
  private double checkpointSeconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Kills (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Decides when exactly it is killed (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ReportOptions results;

  @Override
  protected int run(Console console) throws InterruptedException, IOException {
    ResumeLoad load =
        ReportOptions.checked(
            () ->
                new ResumeLoad(
                    generations, tokens, tokensPerSecond, checkpointSeconds, rounds, seed));
    Path home = StackOptions.homeOf(directories());
    ClusterOptions options =
        ClusterOptions.in(
                home,
                RunDirectory.in(directories().cache().resolve("bench")),
                directories().logs().resolve("bench-resume"))
            .withTopics(Connection.defaultTopics(), PARTITIONS)
            .withTaskManagers(1, TaskManagerSize.SMALL)
            .withProgress(console::note);
    BenchmarkReport<ResumeLoad, Round> report;
    try (ProcessCluster cluster = ProcessCluster.start(options)) {
      report = new ResumeBenchmark(load, cluster).run(console::note);
    }
    results.show(console, report);
    return ExitCodes.OK;
  }
}
