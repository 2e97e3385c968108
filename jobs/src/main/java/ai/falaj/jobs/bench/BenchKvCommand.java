package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.kv.KvBenchmark;
import ai.falaj.benchmarks.kv.KvLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench kv}: what KV entries cost to compute, to copy and to read. */
@Command(
    name = "kv",
    description = "Compare computing a prefix with copying it, and buffers with a shared pool.",
    sortOptions = false)
final class BenchKvCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Sequences that decode at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--prefix-tokens",
      paramLabel = "N",
      defaultValue = "300",
      description = "Tokens that each sequence holds (default: ${DEFAULT-VALUE}).")
  private int prefixTokens;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "20",
      description = "Decoding steps of a measurement (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Counted rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    KvLoad load = BenchmarkOptions.checked(() -> new KvLoad(prefixTokens, steps, rounds));
    options.show(
        console,
        new KvBenchmark(options.settings().withSequences(sequences), load).run(console::note));
    return ExitCodes.OK;
  }
}
