package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.llamatools.ServerVariant;
import ai.falaj.benchmarks.server.ServerBenchmark;
import ai.falaj.benchmarks.server.ServerLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench server}: the runtime against {@code llama-server} over HTTP. */
@Command(
    name = "server",
    description = "Compare the runtime with llama-server over HTTP on mixed lengths, in turn.",
    sortOptions = false)
final class BenchServerCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Slots of each engine, and clients (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--context-tokens",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Context of a slot; lengths are scaled to it (default: ${DEFAULT-VALUE}).")
  private int contextTokens;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "128",
      description = "Requests of a round (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Counted rounds of every engine (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      defaultValue = ServerLoad.BUILT_IN_TRACE,
      description =
          "A CSV file of Azure's LLM inference traces to draw lengths from (default: a sample of"
              + " the conversation trace of 2023 that is built in).")
  private String trace;

  @Option(
      names = "--server",
      paramLabel = "VARIANT",
      split = ",",
      defaultValue = "split,unified",
      description =
          "Ways to run llama-server, the fastest of which counts: ${COMPLETION-CANDIDATES}"
              + " (default: ${DEFAULT-VALUE}).")
  private List<ServerVariant> variants;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    ServerLoad load =
        BenchmarkOptions.checked(
            () ->
                new ServerLoad(
                    sequences, contextTokens, requests, rounds, options.seed(), trace, variants));
    ServerBenchmark benchmark =
        new ServerBenchmark(options.toolsOrThrow(), options.settings(), load);
    options.show(console, benchmark.run(console::note));
    return ExitCodes.OK;
  }
}
