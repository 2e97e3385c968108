package ai.falaj.jobs.bench;

import ai.falaj.benchmarks.report.ReportFiles;
import ai.falaj.benchmarks.soak.SoakReport;
import ai.falaj.benchmarks.soak.SoakRun;
import ai.falaj.benchmarks.soak.SoakSettings;
import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.ExitCodes;
import ai.falaj.jobs.cli.FalajCommand;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.files.FileTrees;
import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.Speculation;
import ai.falaj.runtime.scheduler.TenantShare;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code falaj soak}: a runtime under random traffic and faults, and what is left of it. */
@Command(
    name = "soak",
    description = {
      "Send a runtime random requests, right and wrong, cancel, close and reopen it, and see that"
          + " every request ends once and that no memory, slot or thread is left behind.",
      "Exit code 1 if anything is."
    },
    sortOptions = false)
public final class SoakCommand extends FalajCommand {

  private static final long TINY_MODEL_SEED = 7;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME|FILE",
      description =
          "A downloaded model's name, or a .gguf file (default: a tiny one of random weights, which"
              + " is written for it).")
  private String model;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "30",
      description = "How long, parts of a minute too (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of the requests (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "8",
      description = "Generations at once (default: ${DEFAULT-VALUE}).")
  private int sequences;

  @Option(
      names = "--context-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Context of a generation (default: ${DEFAULT-VALUE}).")
  private int contextTokens;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Compute threads, at most the cores (default: all cores).")
  private Integer threads;

  @Option(names = "--out", paramLabel = "FILE", description = "Write the ledger there as JSON.")
  private Path out;

  @Override
  protected int run(Console console)
      throws RuntimeLoadException, InterruptedException, IOException {
    if (!(minutes > 0)) {
      throw CliException.usage("--minutes is " + minutes, "give it more than 0");
    }
    if (model != null) {
      return soak(console, model);
    }
    Path folder = Files.createTempDirectory("falaj-soak-");
    try {
      Path tiny = TinyModels.writeQwen2EndingTurns(folder.resolve("tiny.gguf"), TINY_MODEL_SEED, 9);
      return soak(console, tiny.toString());
    } finally {
      FileTrees.delete(folder);
    }
  }

  private int soak(Console console, String source)
      throws RuntimeLoadException, InterruptedException, IOException {
    List<RuntimeSpec> specs = BenchmarkOptions.checked(() -> specs(source));
    Duration duration = Duration.ofMillis(Math.round(minutes * 60_000));
    SoakReport report =
        new SoakRun(SoakSettings.of(specs, List.of(), duration, seed)).run(console::note);
    if (out != null) {
      ReportFiles.write(out, report);
    }
    if (console.isJson()) {
      console.json(report);
    }
    console.say(report.verdict());
    return report.passed() ? ExitCodes.OK : ExitCodes.FAILURE;
  }

  /** One with a context for each sequence; one with a pool that is too small for all of them. */
  private List<RuntimeSpec> specs(String source) {
    LlamaCppSpec.Builder builder =
        LlamaCppSpec.builder(source)
            .maxSequences(sequences)
            .contextTokensPerSequence(contextTokens)
            .maxWaiting(2 * sequences)
            .speculation(Speculation.promptLookup())
            .tenants(List.of(new TenantShare("north", 3, null), TenantShare.standard("south")));
    if (threads != null) {
      builder.threads(threads);
    }
    RuntimeSpec apart = builder.build();
    RuntimeSpec shared =
        builder
            .kvLayout(KvLayout.SHARED)
            .kvPoolTokens(Math.max(contextTokens, sequences * contextTokens / 4))
            .build();
    return List.of(apart, shared);
  }
}
