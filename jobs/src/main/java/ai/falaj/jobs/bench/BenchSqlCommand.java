package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.llamatools.ServerVariant;
import ai.falaj.jobs.bench.predict.OpenAiProvider;
import ai.falaj.jobs.bench.sql.SqlBenchmark;
import ai.falaj.jobs.bench.sql.SqlLoad;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code falaj bench sql}: SQL with Falaj's provider against Flink's own, and the engine. */
@Command(
    name = "sql",
    description =
        "Enrich records by SQL: Falaj's provider, the engine alone, and flink-model-openai with"
            + " llama-server.",
    sortOptions = false)
final class BenchSqlCommand extends FalajCommand {

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Slots of each engine (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "64",
      description = "Records that wait for an answer at once (default: ${DEFAULT-VALUE}).")
  private int inFlight;

  @Option(
      names = "--instruction-words",
      paramLabel = "N",
      defaultValue = "300",
      description = "Words that all prompts of a round begin with (default: ${DEFAULT-VALUE}).")
  private int instructionWords;

  @Option(
      names = "--record-words",
      paramLabel = "N",
      defaultValue = "40",
      description = "Words of each record (default: ${DEFAULT-VALUE}).")
  private int recordWords;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "16",
      description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Records of a round (default: ${DEFAULT-VALUE}).")
  private int records;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Counted rounds of every way (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--server",
      paramLabel = "VARIANT",
      defaultValue = "split",
      description =
          "How llama-server runs: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})."
              + " It is left out without --llama-bin.")
  private ServerVariant server;

  @Option(
      names = "--clients",
      paramLabel = "N",
      split = ",",
      description =
          "HTTP clients of flink-model-openai, which is run once for each number given: one sends"
              + " 5 requests at once (default: 1, and enough for every slot and one more client).")
  private List<Integer> clients = List.of();

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    SqlLoad load =
        BenchmarkOptions.checked(
            () ->
                new SqlLoad(
                    sequences,
                    inFlight,
                    instructionWords,
                    recordWords,
                    newTokens,
                    records,
                    rounds,
                    options.seed(),
                    server,
                    clients()));
    if (options.tools().isEmpty()) {
      console.note("llama-server is left out: --llama-bin does not say where it is");
    }
    SqlBenchmark benchmark =
        new SqlBenchmark(
            options.tools(), OpenAiProvider.jar(directories()), options.settings(), load);
    options.show(console, benchmark.run(console::note));
    return ExitCodes.OK;
  }

  private List<Integer> clients() {
    return clients.isEmpty()
        ? List.of(1, sequences / OpenAiProvider.REQUESTS_PER_CLIENT + 1)
        : clients;
  }
}
