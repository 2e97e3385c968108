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
 * {@code ML_PREDICT} with Flink's own provider before the paced server: as many rows in flight as
 * the runtime has streams. Confined to one thread.
 */
public final class PredictClient implements RemoteClient {

  private static final int WARM_UP_WAVES = 4;

  private final PredictProcess process;
  private final List<Map<String, String>> models;
  private final RemoteLoad load;
  private final int requests;
  private final int parallelism;

  private PredictClient(
      PredictProcess process,
      List<Map<String, String>> models,
      RemoteLoad load,
      int requests,
      int parallelism) {
    this.process = process;
    this.models = models;
    this.load = load;
    this.requests = requests;
    this.parallelism = parallelism;
  }

  /**
   * @param jar of the provider
   * @param clients HTTP clients, each of which is a model of its own
   * @param requests of a round
   */
  public static RemoteClient.Factory factory(Path jar, int clients, int requests, int parallelism) {
    return (baseUrl, load) ->
        new PredictClient(
            PredictProcess.start(Optional.of(jar), parallelism),
            OpenAiProvider.models(
                clients,
                baseUrl,
                PacedServer.MODEL,
                Map.of(
                    "system-prompt",
                    RemoteLoad.SYSTEM_PROMPT,
                    "seed",
                    "1",
                    "max-tokens",
                    Integer.toString(load.tokens()))),
            load,
            requests,
            parallelism);
  }

  @Override
  public String name() {
    return models.size() == 1
        ? "ML_PREDICT of flink-model-openai"
        : "ML_PREDICT of %d x flink-model-openai".formatted(models.size());
  }

  @Override
  public Outcome run() throws BenchmarkException {
    return run(requests);
  }

  /** A few waves of what goes at once. */
  @Override
  public Outcome warmUp() throws BenchmarkException {
    int atOnce = models.size() * OpenAiProvider.REQUESTS_PER_CLIENT;
    return run(Math.min(requests, WARM_UP_WAVES * atOnce));
  }

  private Outcome run(int rows) throws BenchmarkException {
    PredictOutcome outcome =
        process.run(
            new PredictRun(
                models, Collections.nCopies(rows, RemoteLoad.PROMPT), load.streams(), parallelism));
    for (String answer : outcome.answers()) {
      if (!answer.equals(load.answer())) {
        throw new BenchmarkException(
            "an answer has %d characters and the server sent %d"
                .formatted(answer.length(), load.answer().length()));
      }
    }
    return new Outcome(
        rows,
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
