package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.fairness.FairnessBenchmark;
import ai.falaj.benchmarks.fairness.FairnessLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench fairness}: shares of tenants, urgent requests, single ones behind a flood. */
@Command(
    name = "fairness",
    description =
        "Measure shares of two tenants, steps of urgent requests, and the wait behind a flood.",
    sortOptions = false)
final class BenchFairnessCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Generations at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--weight",
      paramLabel = "N",
      defaultValue = "3",
      description = "Weight of the greater tenant; the lesser has 1 (default: ${DEFAULT-VALUE}).")
  private int weight;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "32",
      description = "Tokens of each prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "48",
      description = "Tokens of each generation (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "180",
      description = "How long shares are measured (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--window-seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "Window that slides over them (default: ${DEFAULT-VALUE}).")
  private int windowSeconds;

  @Option(
      names = "--probes",
      paramLabel = "N",
      defaultValue = "20",
      description = "Urgent and single requests, one after the other (default: ${DEFAULT-VALUE}).")
  private int probes;

  @Option(
      names = "--flood",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Queued requests of the tenant that floods (default: ${DEFAULT-VALUE}).")
  private int flood;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    FairnessLoad load =
        BenchmarkOptions.checked(
            () ->
                new FairnessLoad(
                    sequences,
                    weight,
                    promptTokens,
                    newTokens,
                    seconds,
                    windowSeconds,
                    probes,
                    flood,
                    options.seed()));
    options.show(console, new FairnessBenchmark(options.settings(), load).run(console::note));
    return ExitCodes.OK;
  }
}
