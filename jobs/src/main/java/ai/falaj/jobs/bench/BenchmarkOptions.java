package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the benchmarks of the runtime have in common: model, threads, seed, where results go. */
final class BenchmarkOptions {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME|FILE",
      defaultValue = "smollm2-135m-instruct",
      description = "A downloaded model's name, or a .gguf file (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Compute threads of every engine, at most the cores (default: all cores).")
  private Integer threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the load (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ReportOptions results;

  @Option(
      names = "--llama-bin",
      paramLabel = "DIR",
      description =
          "Folder with llama-server and llama-batched-bench, as benchmarks/llama-tools.sh builds it.")
  private Path llamaFolder;

  long seed() {
    return seed;
  }

  /** Sizes of the engines; each benchmark sets sequences and context itself. */
  EngineSettings settings() throws RuntimeLoadException {
    int cores = Runtime.getRuntime().availableProcessors();
    if (threads != null && (threads < 1 || threads > cores)) {
      throw CliException.usage(
          "--threads is " + threads + " but this process may use " + cores + " cores",
          "give 1 to that many");
    }
    return EngineSettings.of(model, 1, 1, threads == null ? cores : threads);
  }

  Optional<LlamaTools> tools() {
    return Optional.ofNullable(llamaFolder).map(LlamaTools::new);
  }

  LlamaTools toolsOrThrow() {
    return tools()
        .orElseThrow(
            () ->
                CliException.usage(
                    "llama.cpp's programs are compared with and --llama-bin does not say where they are",
                    "build them with benchmarks/llama-tools.sh and name their folder"));
  }

  /** Writes, prints and judges a report; missing a target is no failure. */
  void show(Console console, BenchmarkReport<?, ?> report) throws IOException {
    results.show(console, report);
  }

  /** Turns a refused number into the user's mistake. */
  static <T> T checked(Supplier<T> load) {
    return ReportOptions.checked(load);
  }
}
