package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.Medians;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeInfo;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code falaj bench enrich-engine}: how much of the engine's own rate an enrichment reaches, end
 * to end, with records that share an instruction.
 */
@Command(
    name = "enrich-engine",
    description =
        "Compare an enrichment of a file with the engine's own rate on the same prompts, in turn.",
    sortOptions = false)
final class BenchEnrichEngineCommand extends FalajCommand {

  private static final double TARGET = 0.93;

  @Mixin private BenchmarkOptions options;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "16",
      description = "Slots of the engine (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--instruction-words",
      paramLabel = "N",
      defaultValue = "230",
      description =
          "Words of the instruction of a round, about 300 tokens (default: ${DEFAULT-VALUE}).")
  private int instructionWords;

  @Option(
      names = "--record-words",
      paramLabel = "N",
      defaultValue = "30",
      description = "Words of each record, about 40 tokens (default: ${DEFAULT-VALUE}).")
  private int recordWords;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "16",
      description = "Most tokens of each answer (default: ${DEFAULT-VALUE}).")
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
      description = "Counted rounds of both after a warm-up (default: ${DEFAULT-VALUE}).")
  private int rounds;

  /** What was run. */
  record Load(
      int sequences,
      int instructionWords,
      int recordWords,
      int newTokens,
      int records,
      int rounds) {}

  /** Of both in one round. */
  record Round(EnrichRate engine, EnrichRate job) {
    double ratio() {
      return job.recordsPerSecond() / engine.recordsPerSecond();
    }
  }

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, BenchmarkException, InterruptedException, IOException {
    if (records < 2 || rounds < 1 || newTokens < 1 || recordWords < 1 || instructionWords < 1) {
      throw CliException.usage("a number of the load is too small", "see --help");
    }
    int context = 2 * (instructionWords + recordWords) + newTokens + 64;
    RuntimeSpec spec =
        options.settings().withSequences(sequences).withContextTokens(context).spec().build();
    List<Round> measured = new ArrayList<>();
    RuntimeInfo info;
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      info = lease.runtime().info();
      for (int round = 0; round <= rounds; round++) {
        Round result = round(spec, lease, round);
        console.note(
            String.format(
                Locale.ROOT,
                "  %-8s engine %.2f records/s, enrichment %.2f, ratio %.3f",
                round == 0 ? "warm-up" : "round " + round,
                result.engine().recordsPerSecond(),
                result.job().recordsPerSecond(),
                result.ratio()));
        if (round > 0) {
          measured.add(result);
        }
      }
    }
    options.show(
        console,
        BenchmarkReport.of(
            "enrich-engine",
            info,
            new Load(sequences, instructionWords, recordWords, newTokens, records, rounds),
            List.of(
                Verdict.atLeast(
                    TARGET,
                    "records per second, enrichment end to end : engine",
                    Medians.of(measured.stream().mapToDouble(Round::ratio)))),
            measured));
    return ExitCodes.OK;
  }

  /** Each way has an instruction of its own, which nobody has computed before. */
  private Round round(RuntimeSpec spec, RuntimeLease lease, int round)
      throws BenchmarkException, InterruptedException, IOException {
    int wanted = round == 0 ? Math.min(records, 4 * sequences) : records;
    EnrichLoad ofEngine = load(2L * round, wanted);
    EnrichLoad ofJob = load(2L * round + 1, wanted);
    if (round % 2 == 0) {
      EnrichRate engine = EnrichRate.ofEngine(lease.runtime(), ofEngine, sequences);
      return new Round(engine, EnrichRate.ofJob(spec, ofJob, sequences));
    }
    EnrichRate job = EnrichRate.ofJob(spec, ofJob, sequences);
    return new Round(EnrichRate.ofEngine(lease.runtime(), ofEngine, sequences), job);
  }

  private EnrichLoad load(long number, int wanted) {
    return EnrichLoad.of(options.seed() + number, wanted, instructionWords, recordWords, newTokens);
  }
}
