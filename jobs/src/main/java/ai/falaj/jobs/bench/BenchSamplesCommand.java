package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.samples.SamplesBenchmark;
import ai.falaj.benchmarks.samples.SamplesLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench samples}: what several samples of a prompt cost more than one. */
@Command(
    name = "samples",
    description = "Compare the time to the first tokens of several samples with that of one.",
    sortOptions = false)
final class BenchSamplesCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "4",
      description = "Samples of a prompt (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "300",
      description = "Tokens of each prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "4",
      description = "Tokens of each sample (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "20",
      description = "Requests of each kind and round (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Counted rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    SamplesLoad load =
        BenchmarkOptions.checked(
            () -> new SamplesLoad(samples, promptTokens, newTokens, pairs, rounds, options.seed()));
    options.show(console, new SamplesBenchmark(options.settings(), load).run(console::note));
    return ExitCodes.OK;
  }
}
