package ai.falaj.benchmarks.server;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.load.ConversationLengths;
import ai.falaj.benchmarks.load.RandomWorkloads;
import ai.falaj.benchmarks.load.RuntimeTarget;
import ai.falaj.benchmarks.load.Workload;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The runtime against {@code llama-server} of the same release: as many slots and clients, lengths
 * of real conversations, the same tokens in the same order for all, in turn. Prompts have nothing
 * in common, so neither side's cache helps. Confined to one thread.
 */
public final class ServerBenchmark {

  private static final String RUNTIME = "runtime";
  private static final double SPEED_TARGET = 1.2;
  private static final double LATENCY_TARGET = 1;

  private final LlamaTools tools;
  private final EngineSettings settings;
  private final ServerLoad load;

  public ServerBenchmark(LlamaTools tools, EngineSettings settings, ServerLoad load) {
    this.tools = tools;
    this.settings =
        settings.withSequences(load.sequences()).withContextTokens(load.contextTokens());
    this.load = load;
  }

  /**
   * @param progress told a line after each turn
   */
  public BenchmarkReport<ServerLoad, WayRound> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    ConversationLengths lengths = lengths();
    RandomWorkloads prompts = new RandomWorkloads(settings.vocabularySize(), load.seed());
    try (RuntimeTarget runtime = RuntimeTarget.open(settings.spec().build());
        LlamaServers servers = LlamaServers.start(tools, settings, load.variants(), false)) {
      List<Way> ways = new ArrayList<>(servers.ways());
      ways.add(new Way(RUNTIME, runtime));
      InterleavedRounds rounds = new InterleavedRounds(ways, load.sequences());
      rounds.run(load.rounds(), round -> workload(lengths, prompts, round), progress);
      String server = rounds.fastest(servers.names());
      return BenchmarkReport.of(
          "server",
          runtime.runtime().info(),
          load.withoutFolder(),
          List.of(
              Verdict.atLeast(
                  SPEED_TARGET,
                  "tokens per second, %d slots, runtime : %s".formatted(load.sequences(), server),
                  rounds.ratio(RUNTIME, server, WayRound::tokensPerSecond)),
              Verdict.atMost(
                  LATENCY_TARGET,
                  "p95 time to first token, %d slots, runtime : %s"
                      .formatted(load.sequences(), server),
                  rounds.ratio(RUNTIME, server, WayRound::timeToFirstTokenP95Ms))),
          rounds.results());
    }
  }

  /** Round 0 warms up with as many requests as there are slots. */
  private Workload workload(ConversationLengths lengths, RandomWorkloads prompts, int round) {
    int requests = round == 0 ? Math.min(load.requests(), load.sequences()) : load.requests();
    return prompts.ofLengths(lengths.draw(requests, load.contextTokens(), load.seed() + round));
  }

  private ConversationLengths lengths() throws BenchmarkException {
    if (load.traceFile().equals(ServerLoad.BUILT_IN_TRACE)) {
      return ConversationLengths.builtIn();
    }
    try {
      return ConversationLengths.ofTrace(Path.of(load.traceFile()));
    } catch (IOException | IllegalArgumentException e) {
      throw new BenchmarkException(
          "the trace " + load.traceFile() + " cannot be read: " + e.getMessage(), e);
    }
  }
}
