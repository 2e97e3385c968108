package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.load.RuntimeTarget;
import ai.falaj.benchmarks.load.Workload;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.RuntimeLoadException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A load whose prompts begin with one instruction: the runtime with prefix sharing, without it, and
 * {@code llama-server} with its prompt cache, in turn. Each round has an instruction of its own
 * that nobody has seen before. Confined to one thread.
 */
public final class PrefixBenchmark {

  private static final String SHARED = "runtime";
  private static final String UNSHARED = "runtime without sharing";
  private static final double SHARING_TARGET = 3;
  private static final double SERVER_TARGET = 1.3;

  private final Optional<LlamaTools> tools;
  private final EngineSettings settings;
  private final PrefixLoad load;

  /**
   * @param tools absent: the runtime is compared with itself alone
   */
  public PrefixBenchmark(Optional<LlamaTools> tools, EngineSettings settings, PrefixLoad load) {
    this.tools = tools;
    this.settings =
        settings.withSequences(load.sequences()).withContextTokens(load.contextTokens());
    this.load = load;
  }

  /**
   * @param progress told a line after each turn
   */
  public BenchmarkReport<PrefixLoad, WayRound> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    RandomWorkloads prompts = new RandomWorkloads(settings.vocabularySize(), load.seed());
    try (RuntimeTarget shared = RuntimeTarget.open(settings.spec().build());
        RuntimeTarget unshared = RuntimeTarget.open(settings.spec().prefixSharing(false).build())) {
      List<Way> ways = new ArrayList<>();
      ways.add(new Way(SHARED, shared));
      ways.add(new Way(UNSHARED, unshared, load.unsharedRecords()));
      if (tools.isEmpty()) {
        InterleavedRounds rounds = measure(ways, prompts, progress);
        return report(shared, rounds, List.of(sharing(rounds)));
      }
      try (LlamaServers servers =
          LlamaServers.start(tools.get(), settings, load.variants(), true)) {
        ways.addAll(servers.ways());
        InterleavedRounds rounds = measure(ways, prompts, progress);
        String server = rounds.fastest(servers.names());
        Verdict againstServer =
            Verdict.atLeast(
                SERVER_TARGET,
                "records per second, shared prefix, runtime : " + server,
                rounds.ratio(SHARED, server, WayRound::requestsPerSecond));
        return report(shared, rounds, List.of(sharing(rounds), againstServer));
      }
    }
  }

  private InterleavedRounds measure(
      List<Way> ways, RandomWorkloads prompts, Consumer<String> progress)
      throws BenchmarkException, InterruptedException {
    InterleavedRounds rounds = new InterleavedRounds(ways, load.sequences());
    rounds.run(load.rounds(), round -> workload(prompts, round), progress);
    return rounds;
  }

  private Workload workload(RandomWorkloads prompts, int round) {
    int records = round == 0 ? Math.min(load.records(), 2 * load.sequences()) : load.records();
    return prompts.sharedPrefix(
        records, load.instructionTokens(), load.recordTokens(), load.newTokens());
  }

  private static Verdict sharing(InterleavedRounds rounds) {
    return Verdict.atLeast(
        SHARING_TARGET,
        "records per second, shared prefix, runtime : without sharing",
        rounds.ratio(SHARED, UNSHARED, WayRound::requestsPerSecond));
  }

  private BenchmarkReport<PrefixLoad, WayRound> report(
      RuntimeTarget runtime, InterleavedRounds rounds, List<Verdict> verdicts) {
    return BenchmarkReport.of("prefix", runtime.runtime().info(), load, verdicts, rounds.results());
  }
}
