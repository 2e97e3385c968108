package ai.falaj.jobs.simulate;

import ai.falaj.benchmarks.simulation.calibration.Calibration;
import ai.falaj.benchmarks.simulation.calibration.CalibrationReport;
import ai.falaj.benchmarks.simulation.calibration.CalibrationSettings;
import ai.falaj.benchmarks.simulation.cost.CostFit;
import ai.falaj.benchmarks.simulation.cost.ProfileFiles;
import ai.falaj.benchmarks.simulation.cost.StepCosts;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.KvCacheException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code falaj simulate calibrate}: measures this machine for the simulation. */
@Command(
    name = "calibrate",
    description =
        "Measure steps of the real engine on this machine and write its profile for the simulation.")
final class SimulateCalibrateCommand extends FalajCommand {

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE",
      defaultValue = "smollm2-135m-instruct",
      description = "A downloaded model's name, or a .gguf file (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "cpu-2core-smollm2",
      description = "Name of the profile (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the profile is written (default: benchmarks/profiles/NAME.json).")
  private Path output;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Slots (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--context-tokens",
      paramLabel = "N",
      defaultValue = "2048",
      description = "Tokens of a slot (default: ${DEFAULT-VALUE}).")
  private int contextTokens;

  @Option(
      names = "--micro-batch-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Most tokens that are computed at once (default: ${DEFAULT-VALUE}).")
  private int microBatchTokens;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      defaultValue = "5",
      description = "Measurements of each step; the shortest counts (default: ${DEFAULT-VALUE}).")
  private int repetitions;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, KvCacheException, InterruptedException, IOException {
    CalibrationReport report = measure(console, new Calibration(settings()));
    Path file = output == null ? Path.of("benchmarks", "profiles", name + ".json") : output;
    ProfileFiles.write(report.profile(), file);
    if (console.isJson()) {
      console.json(report);
    } else {
      print(console, report, file);
    }
    return ExitCodes.OK;
  }

  private CalibrationSettings settings() {
    try {
      return new CalibrationSettings(
          name,
          model,
          sequences,
          contextTokens,
          microBatchTokens,
          Runtime.getRuntime().availableProcessors(),
          repetitions);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "see: falaj simulate calibrate --help", e);
    }
  }

  private static CalibrationReport measure(Console console, Calibration calibration)
      throws RuntimeLoadException, KvCacheException, InterruptedException {
    try (ProgressBar progress = console.progress("measuring steps", ProgressBar.Unit.COUNT)) {
      return calibration.run(
          done -> progress.update(done, OptionalLong.of(calibration.stepCount())));
    }
  }

  private static void print(Console console, CalibrationReport report, Path file) {
    console.say(report.profile().description());
    console.say(
        String.format(
            Locale.ROOT,
            "%9s %7s %8s %12s %12s %7s",
            "sequences",
            "tokens",
            "context",
            "measured ms",
            "fitted ms",
            "error"));
    for (CostFit.FitPoint point : report.fit().points()) {
      console.say(
          String.format(
              Locale.ROOT,
              "%9d %7d %8d %12.2f %12.2f %6.1f%%",
              point.sequences(),
              point.tokens(),
              point.contextTokens(),
              point.measuredNanos() / 1e6,
              point.fittedNanos() / 1e6,
              100.0 * (point.fittedNanos() - point.measuredNanos()) / point.measuredNanos()));
    }
    StepCosts costs = report.fit().costs();
    console.say(
        String.format(
            Locale.ROOT,
            "ms: graph %.3f, weights %.3f, token %.4f, KV entry read %.7f, entry attended %.7f, sample %.4f, entry copied %.6f",
            costs.perGraph() / 1e6,
            costs.perWeightRead() / 1e6,
            costs.perToken() / 1e6,
            costs.perKvEntryRead() / 1e6,
            costs.perAttendedEntry() / 1e6,
            costs.perSample() / 1e6,
            costs.perCopiedEntry() / 1e6));
    console.say(
        String.format(
            Locale.ROOT,
            "error: %.1f%% on average, %.1f%% at most; written to %s",
            100 * report.fit().meanError(),
            100 * report.fit().maxError(),
            file));
  }
}
