package ai.falaj.jobs.bench.dashboard;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.bench.ReportOptions;
import ai.falaj.jobs.bench.dashboard.DashboardBenchmark.Round;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.StackOptions;
import ai.falaj.jobs.cluster.RunDirectory;
import ai.falaj.runtime.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench dashboard}: how late open pages see the chunks of a stream. */
@Command(
    name = "dashboard",
    description = "Measure the time from a chunk's topic until all open pages have it.",
    sortOptions = false)
public final class BenchDashboardCommand extends FalajCommand {

  @Option(
      names = "--pages",
      paramLabel = "N",
      defaultValue = "50",
      description = "Pages that are open (default: ${DEFAULT-VALUE}).")
  private int pages;

  @Option(
      names = "--chunks-per-second",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Of all generations (default: ${DEFAULT-VALUE}).")
  private int chunksPerSecond;

  @Option(
      names = "--generations",
      paramLabel = "N",
      defaultValue = "50",
      description = "Generations at once (default: ${DEFAULT-VALUE}).")
  private int generations;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      defaultValue = "200",
      description = "Chunks of a generation (default: ${DEFAULT-VALUE}).")
  private int chunks;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description = "Time before the chunks that count (default: ${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "Time that counts, of a round (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "One after the other (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Mixin private ReportOptions results;

  @Override
  protected int run(Console console) throws InterruptedException, IOException {
    DashboardLoad load =
        ReportOptions.checked(
            () ->
                new DashboardLoad(
                    pages, chunksPerSecond, generations, chunks, warmUpSeconds, seconds, rounds));
    Path home = StackOptions.homeOf(directories());
    Path directory = RunDirectory.in(directories().cache().resolve("bench"));
    Files.createDirectories(directory);
    try {
      BenchmarkReport<DashboardLoad, Round> report =
          new DashboardBenchmark(load, home, directory).run(console::note);
      results.show(console, report);
      return ExitCodes.OK;
    } finally {
      FileTrees.delete(directory);
    }
  }
}
