package ai.falaj.jobs.bench.enrich;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaServer;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.bench.predict.PredictProcess;
import ai.falaj.runtime.RuntimeLoadException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Records enriched by SQL with one instruction: Falaj's provider, Flink's own one with {@code
 * llama-server} of the same release behind it, and the engine alone, in turn. Model, threads,
 * slots, context and answers are the same. Confined to one thread.
 */
public final class EnrichBenchmark {

  private static final double PROVIDER_TARGET = 3;

  private final Optional<LlamaTools> tools;
  private final Path openAiJar;
  private final EngineSettings settings;
  private final EnrichLoad load;

  /**
   * @param tools absent: nothing is compared with {@code llama-server}
   * @param openAiJar Flink's own provider
   */
  public EnrichBenchmark(
      Optional<LlamaTools> tools, Path openAiJar, EngineSettings settings, EnrichLoad load) {
    this.tools = tools;
    this.openAiJar = openAiJar;
    this.settings =
        settings.withSequences(load.sequences()).withContextTokens(load.contextTokens());
    this.load = load;
  }

  /**
   * @param progress told a line after each turn
   */
  public BenchmarkReport<EnrichLoad, EnrichRound> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    try (EngineWay engine = new EngineWay(settings.spec().build().open(), load)) {
      if (tools.isEmpty()) {
        return run(engine, List.of(), progress);
      }
      List<EnrichWay> served = new ArrayList<>();
      try (LlamaServer server = ServedWay.server(tools.get(), settings, load)) {
        for (int clients : load.clients()) {
          PredictProcess process = PredictProcess.start(Optional.of(openAiJar), 1);
          served.add(ServedWay.job(process, server.address(), clients, load));
        }
        return run(engine, served, progress);
      } finally {
        served.forEach(EnrichWay::close);
      }
    }
  }

  private BenchmarkReport<EnrichLoad, EnrichRound> run(
      EngineWay engine, List<EnrichWay> served, Consumer<String> progress)
      throws BenchmarkException, InterruptedException {
    List<EnrichWay> ways = new ArrayList<>(served);
    ways.add(engine);
    EnrichRounds rounds = new EnrichRounds(load, ways);
    rounds.run(progress);
    List<Verdict> verdicts = new ArrayList<>();
    for (EnrichWay other : served) {
      verdicts.add(rounds.ratio(engine.name(), other.name(), PROVIDER_TARGET));
    }
    return BenchmarkReport.of("enrich", engine.runtime().info(), load, verdicts, rounds.results());
  }
}
