package ai.falaj.jobs.bench.sql;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaServer;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.benchmarks.report.Verdict;
import ai.falaj.jobs.bench.predict.FalajProvider;
import ai.falaj.jobs.bench.predict.PredictProcess;
import ai.falaj.runtime.RuntimeLoadException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Records enriched by SQL with one instruction: Falaj's provider, Flink's own one with {@code
 * llama-server} of the same release behind it, and the engine alone, in turn. Model, threads,
 * slots, context and answers are the same. Confined to one thread.
 */
public final class SqlBenchmark {

  private static final String FALAJ = "ML_PREDICT of falaj";
  private static final double ENGINE_TARGET = 0.93;
  private static final double PROVIDER_TARGET = 3;

  private final Optional<LlamaTools> tools;
  private final Path openAiJar;
  private final EngineSettings settings;
  private final SqlLoad load;

  /**
   * @param tools absent: nothing is compared with {@code llama-server}
   * @param openAiJar Flink's own provider
   */
  public SqlBenchmark(
      Optional<LlamaTools> tools, Path openAiJar, EngineSettings settings, SqlLoad load) {
    this.tools = tools;
    this.openAiJar = openAiJar;
    this.settings =
        settings.withSequences(load.sequences()).withContextTokens(load.contextTokens());
    this.load = load;
  }

  /**
   * @param progress told a line after each turn
   */
  public BenchmarkReport<SqlLoad, SqlRound> run(Consumer<String> progress)
      throws RuntimeLoadException, BenchmarkException, InterruptedException {
    List<SqlWay> jobs = new ArrayList<>();
    try (EngineWay engine = new EngineWay(settings.spec().build().open(), load)) {
      jobs.add(falaj());
      if (tools.isEmpty()) {
        return run(engine, jobs, progress);
      }
      try (LlamaServer server = ServedWay.server(tools.get(), settings, load)) {
        for (int clients : load.clients()) {
          PredictProcess process = PredictProcess.start(Optional.of(openAiJar), 1);
          jobs.add(ServedWay.job(process, server.address(), clients, load));
        }
        return run(engine, jobs, progress);
      }
    } finally {
      jobs.forEach(SqlWay::close);
    }
  }

  private SqlWay falaj() throws BenchmarkException {
    return new PredictWay(
        FALAJ,
        PredictProcess.start(Optional.empty(), 1),
        instruction ->
            List.of(
                FalajProvider.inTaskManager(
                    settings,
                    Map.of(
                        "system-prompt",
                        instruction,
                        "temperature",
                        "0",
                        "max-tokens",
                        Integer.toString(load.newTokens())))),
        load.inFlight());
  }

  private BenchmarkReport<SqlLoad, SqlRound> run(
      EngineWay engine, List<SqlWay> jobs, Consumer<String> progress)
      throws BenchmarkException, InterruptedException {
    List<SqlWay> ways = new ArrayList<>(jobs);
    ways.add(engine);
    SqlRounds rounds = new SqlRounds(load, ways);
    rounds.run(progress);
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(rounds.ratio(FALAJ, engine.name(), ENGINE_TARGET));
    for (SqlWay served : jobs.subList(1, jobs.size())) {
      verdicts.add(rounds.ratio(FALAJ, served.name(), PROVIDER_TARGET));
    }
    return BenchmarkReport.of("sql", engine.runtime().info(), load, verdicts, rounds.results());
  }
}
