package ai.falaj.jobs.simulate;

import ai.falaj.benchmarks.simulation.LoadSweep;
import ai.falaj.benchmarks.simulation.SweepPoint;
import ai.falaj.benchmarks.simulation.SweepReport;
import ai.falaj.benchmarks.simulation.SweepSettings;
import ai.falaj.benchmarks.simulation.cost.HardwareProfile;
import ai.falaj.benchmarks.simulation.cost.ProfileException;
import ai.falaj.benchmarks.simulation.cost.ProfileFiles;
import ai.falaj.benchmarks.simulation.plot.SweepPlots;
import ai.falaj.benchmarks.simulation.trace.Trace;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.ProgressBar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj simulate}: policies against loads, in simulated time. */
@Command(
    name = "simulate",
    description =
        "Simulate the scheduler under load on a machine that is known by its cost model only.",
    subcommands = {SimulateCalibrateCommand.class})
public final class SimulateCommand extends FalajCommand {

  @Option(
      names = "--profile",
      paramLabel = "NAME|FILE",
      defaultValue = "k2-think-32b-h100",
      description =
          "The machine: cpu-2core-smollm2, k2-think-32b-h100, k2-think-32b-h200, or a .json file"
              + " (default: ${DEFAULT-VALUE}).")
  private String profileName;

  @Mixin private LoadOptions load;

  @Option(
      names = "--results",
      paramLabel = "FILE",
      description = "Also write the report as JSON into this file.")
  private Path results;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Also draw the report into this .svg or .png file; may be repeated.")
  private List<Path> plots = List.of();

  @Override
  protected int run(Console console) throws IOException {
    for (Path plot : plots) {
      if (!SweepPlots.canWrite(plot)) {
        throw CliException.usage(plot + " is no name of a plot", "end it with .svg or .png");
      }
    }
    HardwareProfile profile = profile();
    Trace trace = load.trace();
    SweepReport report = sweep(console, load.settings(profile.name(), trace), profile, trace);
    if (results != null) {
      report.write(results);
    }
    for (Path plot : plots) {
      SweepPlots.write(report, plot);
    }
    if (console.isJson()) {
      console.json(report);
    } else {
      print(console, report);
    }
    return ExitCodes.OK;
  }

  private HardwareProfile profile() {
    try {
      return ProfileFiles.read(profileName);
    } catch (ProfileException e) {
      throw CliException.usage(e);
    }
  }

  private static SweepReport sweep(
      Console console, SweepSettings settings, HardwareProfile profile, Trace trace) {
    try (ProgressBar progress = console.progress("simulating", ProgressBar.Unit.COUNT)) {
      return new LoadSweep(settings, profile, trace)
          .run(done -> progress.update(done, OptionalLong.of(settings.simulations())));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "see: falaj simulate --help", e);
    }
  }

  private static void print(Console console, SweepReport report) {
    console.say(
        String.format(
            Locale.ROOT,
            "%s: %d requests of %.0f + %.0f tokens; load 1 is %.3f requests/s",
            report.title(),
            report.requests(),
            report.meanPromptTokens(),
            report.meanNewTokens(),
            report.saturationRequestsPerSecond()));
    console.say(
        String.format(
            Locale.ROOT,
            "%-16s %5s %11s %11s %9s %9s %9s %9s %6s %6s",
            "policy",
            "load",
            "TTFT p50 ms",
            "p99 ms",
            "TPOT p50",
            "p99",
            "gap p99",
            "tokens/s",
            "busy",
            "fair"));
    for (SweepPoint point : report.points()) {
      console.say(line(point));
    }
  }

  private static String line(SweepPoint point) {
    return String.format(
        Locale.ROOT,
        "%-16s %5.2f %11.0f %11.0f %9.1f %9.1f %9.1f %9.1f %6.3f %6.3f",
        point.policy(),
        point.load(),
        point.latencies().ttftP50Ms(),
        point.latencies().ttftP99Ms(),
        point.latencies().tpotP50Ms(),
        point.latencies().tpotP99Ms(),
        point.gapP99Ms(),
        point.generatedTokensPerSecond(),
        point.busyShare(),
        point.jainIndex());
  }
}
