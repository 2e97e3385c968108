package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.engine.EngineBenchmark;
import ai.falaj.benchmarks.engine.EngineLoad;
import ai.falaj.benchmarks.engine.EngineReport;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeLoadException;
import java.util.Locale;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench engine}: the scheduler against a bare prefill-and-decode loop, in turn, in
 * this process.
 */
@Command(
    name = "engine",
    description =
        "Compare the scheduler with a bare loop over llama.cpp, in turn, in this process.")
final class BenchEngineCommand extends FalajCommand {

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE",
      defaultValue = "smollm2-135m-instruct",
      description = "A downloaded model's name, or a .gguf file (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Generations at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "24",
      description = "Tokens of each prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Tokens that each generation writes (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Compute threads, at most the cores (default: all cores).")
  private Integer threads;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Counted rounds of both after a warm-up; medians are printed (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, GenerationException, InterruptedException {
    EngineReport report = measure(console, load());
    if (console.isJson()) {
      console.json(report);
      return ExitCodes.OK;
    }
    console.say(
        String.format(
            Locale.ROOT,
            "%s, %d sequences of %d + %d tokens, %d threads, median of %d rounds",
            report.model(),
            sequences,
            promptTokens,
            newTokens,
            report.load().threads(),
            rounds));
    console.say(rate("scheduler", report.schedulerTokensPerSecond()));
    console.say(rate("bare loop", report.bareLoopTokensPerSecond()));
    console.say(
        String.format(
            Locale.ROOT, "  %-10s %9.3f (median of the rounds' ratios)", "ratio", report.ratio()));
    return ExitCodes.OK;
  }

  private EngineLoad load() {
    int cores = Runtime.getRuntime().availableProcessors();
    if (threads != null && threads > cores) {
      throw CliException.usage(
          "--threads is " + threads + " but this process may use " + cores + " cores",
          "give at most that many");
    }
    try {
      return new EngineLoad(
          model, sequences, promptTokens, newTokens, threads == null ? cores : threads, rounds);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "see: falaj bench engine --help", e);
    }
  }

  private EngineReport measure(Console console, EngineLoad load)
      throws RuntimeLoadException, GenerationException, InterruptedException {
    try (ProgressBar progress = console.progress("measuring", ProgressBar.Unit.COUNT)) {
      return new EngineBenchmark(load)
          .run(done -> progress.update(done, OptionalLong.of(load.repetitions() + 1L)));
    }
  }

  private static String rate(String name, double tokensPerSecond) {
    return String.format(Locale.ROOT, "  %-10s %9.1f tokens/s", name, tokensPerSecond);
  }
}
