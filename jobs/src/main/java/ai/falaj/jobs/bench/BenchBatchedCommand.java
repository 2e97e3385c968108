package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.batched.BatchedBenchmark;
import ai.falaj.benchmarks.batched.BatchedLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench batched}: the runtime against {@code llama-batched-bench}. */
@Command(
    name = "batched",
    description = "Compare the runtime with llama.cpp's own llama-batched-bench, in turn.",
    sortOptions = false)
final class BenchBatchedCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,16,64",
      description = "Generations at once, one shape each (default: ${DEFAULT-VALUE}).")
  private List<Integer> sequences;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens of each prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "96",
      description = "Tokens that each sequence decodes (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Counted rounds of each shape (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "N",
      defaultValue = "8",
      description = "Uncounted runs of each shape first (default: ${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    BatchedLoad load =
        BenchmarkOptions.checked(
            () ->
                new BatchedLoad(
                    sequences, promptTokens, newTokens, rounds, options.seed(), warmUpSeconds));
    BatchedBenchmark benchmark =
        new BatchedBenchmark(options.toolsOrThrow(), options.settings(), load);
    options.show(console, benchmark.run(console::note));
    return ExitCodes.OK;
  }
}
