package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.bench.ReportOptions;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Mixin;

/**
 * A benchmark of whole jobs: starts a stack for itself, measures, stops the stack, shows what came
 * of it.
 *
 * @param <L> what was run
 * @param <R> what was measured, one per round or variant
 */
abstract class JobBenchmarkCommand<L, R> extends FalajCommand {

  @Mixin private ReportOptions results;

  @Mixin private JobOptions job;

  final JobOptions job() {
    return job;
  }

  @Override
  protected final int run(Console console)
      throws IOException, InterruptedException, RuntimeLoadException {
    Prompts prompts = ReportOptions.checked(this::prompts);
    PacedSpec engine = ReportOptions.checked(this::engine);
    BenchmarkReport<L, R> report;
    try (BenchStack stack = job.start(directories(), console)) {
      report = measure(stack, prompts, engine, console);
    }
    results.show(console, report);
    details(report.rounds()).forEach(console::say);
    return ExitCodes.OK;
  }

  /**
   * The prompts that these options ask for.
   *
   * @throws IllegalArgumentException naming what is wrong with one of them
   */
  abstract Prompts prompts();

  /**
   * The engine that these options ask for.
   *
   * @throws IllegalArgumentException naming what is wrong with one of them
   */
  abstract PacedSpec engine();

  /** Measures in a stack that nothing else uses. */
  abstract BenchmarkReport<L, R> measure(
      BenchStack stack, Prompts load, PacedSpec engine, Console console)
      throws InterruptedException, RuntimeLoadException;

  /** What people want to see beside the verdicts, as lines. */
  abstract List<String> details(List<R> measured);
}
