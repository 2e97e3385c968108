package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.llamatools.ServerVariant;
import ai.falaj.benchmarks.server.PrefixBenchmark;
import ai.falaj.benchmarks.server.PrefixLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench prefix}: what sharing a common instruction brings. */
@Command(
    name = "prefix",
    description =
        "Compare a load with a common instruction with prefix sharing, without, and on llama-server.",
    sortOptions = false)
final class BenchPrefixCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Slots of each engine, and clients (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--instruction-tokens",
      paramLabel = "N",
      defaultValue = "300",
      description = "Tokens that all prompts of a round begin with (default: ${DEFAULT-VALUE}).")
  private int instructionTokens;

  @Option(
      names = "--record-tokens",
      paramLabel = "N",
      defaultValue = "40",
      description = "Tokens of each prompt's own (default: ${DEFAULT-VALUE}).")
  private int recordTokens;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "16",
      description = "Tokens of each answer (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Records of a round (default: ${DEFAULT-VALUE}).")
  private int records;

  @Option(
      names = "--unshared-records",
      paramLabel = "N",
      description =
          "How many of them are run without sharing, which takes long (default: all of them).")
  private Integer unsharedRecords;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Counted rounds of every engine (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--server",
      paramLabel = "VARIANT",
      split = ",",
      defaultValue = "split,unified,split_host_cache",
      description =
          "Ways to run llama-server, the fastest of which counts: ${COMPLETION-CANDIDATES}"
              + " (default: ${DEFAULT-VALUE}). Left out without --llama-bin.")
  private List<ServerVariant> variants;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    PrefixLoad load =
        BenchmarkOptions.checked(
            () ->
                new PrefixLoad(
                    sequences,
                    instructionTokens,
                    recordTokens,
                    newTokens,
                    records,
                    unsharedRecords == null ? records : unsharedRecords,
                    rounds,
                    options.seed(),
                    variants));
    if (options.tools().isEmpty()) {
      console.note("llama-server is left out: --llama-bin does not say where it is");
    }
    PrefixBenchmark benchmark = new PrefixBenchmark(options.tools(), options.settings(), load);
    options.show(console, benchmark.run(console::note));
    return ExitCodes.OK;
  }
}
