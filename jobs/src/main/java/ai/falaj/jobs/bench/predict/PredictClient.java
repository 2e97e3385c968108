package ai.falaj.jobs.bench.predict;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.remote.PacedServer;
import ai.falaj.benchmarks.remote.RemoteClient;
import ai.falaj.benchmarks.remote.RemoteLoad;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code ML_PREDICT} before the paced server: as many rows in flight as the runtime has streams,
 * and the same job whatever the model's provider. Confined to one thread.
 */
public final class PredictClient implements RemoteClient {

  private static final int WARM_UP_WAVES = 4;

  private final String name;
  private final boolean ours;
  private final PredictProcess process;
  private final List<Map<String, String>> models;
  private final RemoteLoad load;
  private final Rows rows;
  private final int parallelism;

  /** Rows of a round that counts, and of one that warms up. */
  private record Rows(int counted, int warmUp) {}

  private PredictClient(
      String name,
      boolean ours,
      PredictProcess process,
      List<Map<String, String>> models,
      RemoteLoad load,
      Rows rows,
      int parallelism) {
    this.name = name;
    this.ours = ours;
    this.process = process;
    this.models = models;
    this.load = load;
    this.rows = rows;
    this.parallelism = parallelism;
  }

  /**
   * With Falaj's provider: as many requests in a round as the runtime makes.
   *
   * @param parallelism of the job
   */
  public static RemoteClient.Factory falaj(int parallelism) {
    return (baseUrl, load) ->
        new PredictClient(
            "ML_PREDICT of falaj",
            true,
            PredictProcess.start(Optional.empty(), parallelism),
            List.of(
                FalajProvider.served(baseUrl, PacedServer.MODEL, load.streams(), options(load))),
            load,
            new Rows(load.totalRequests(), load.totalRequests()),
            parallelism);
  }

  /**
   * With Flink's own provider.
   *
   * @param jar of the provider
   * @param clients HTTP clients, each of which is a model of its own
   * @param requests of a round
   * @param parallelism of the job
   */
  public static RemoteClient.Factory openAi(Path jar, int clients, int requests, int parallelism) {
    int warmUp = Math.min(requests, WARM_UP_WAVES * clients * OpenAiProvider.REQUESTS_PER_CLIENT);
    return (baseUrl, load) ->
        new PredictClient(
            clients == 1
                ? "ML_PREDICT of flink-model-openai"
                : "ML_PREDICT of %d x flink-model-openai".formatted(clients),
            false,
            PredictProcess.start(Optional.of(jar), parallelism),
            OpenAiProvider.models(clients, baseUrl, PacedServer.MODEL, options(load)),
            load,
            new Rows(requests, warmUp),
            parallelism);
  }

  private static Map<String, String> options(RemoteLoad load) {
    return Map.of(
        "system-prompt",
        RemoteLoad.SYSTEM_PROMPT,
        "seed",
        "1",
        "max-tokens",
        Integer.toString(load.tokens()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isFalaj() {
    return ours;
  }

  @Override
  public Outcome run() throws BenchmarkException {
    return run(rows.counted());
  }

  @Override
  public Outcome warmUp() throws BenchmarkException {
    return run(rows.warmUp());
  }

  private Outcome run(int count) throws BenchmarkException {
    PredictOutcome outcome =
        process.run(
            new PredictRun(
                models,
                Collections.nCopies(count, RemoteLoad.PROMPT),
                load.streams(),
                parallelism));
    for (String answer : outcome.answers()) {
      if (!answer.equals(load.answer())) {
        throw new BenchmarkException(
            "an answer has %d characters and the server sent %d"
                .formatted(answer.length(), load.answer().length()));
      }
    }
    return new Outcome(
        count,
        outcome.wallMs(),
        outcome.threadsBefore(),
        outcome.peakThreads(),
        outcome.answerP95Ms());
  }

  @Override
  public void close() {
    process.close();
  }
}
