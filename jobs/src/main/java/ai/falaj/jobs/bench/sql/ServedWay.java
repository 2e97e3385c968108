package ai.falaj.jobs.bench.sql;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.benchmarks.EngineSettings;
import ai.falaj.benchmarks.llamatools.LlamaServer;
import ai.falaj.benchmarks.llamatools.LlamaTools;
import ai.falaj.jobs.bench.predict.OpenAiProvider;
import ai.falaj.jobs.bench.predict.PredictProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Flink's own provider with {@code llama-server}. */
final class ServedWay {

  /** Greedy by the cheapest of its samplers: one that keeps the most likely token. */
  private static final List<String> SAMPLER = List.of("--samplers", "top_k", "--top-k", "1");

  private static final String MODEL = "served";

  private ServedWay() {}

  /** A server of the load's size, with its prompt cache and continuous batching on. */
  static LlamaServer server(LlamaTools tools, EngineSettings settings, SqlLoad load)
      throws BenchmarkException, InterruptedException {
    try {
      Path log = Files.createTempFile("llama-server-", ".log");
      return LlamaServer.start(tools, settings, load.server(), SAMPLER, log);
    } catch (IOException e) {
      throw new BenchmarkException("no log file for llama-server: " + e.getMessage(), e);
    }
  }

  static String name(int clients) {
    return clients == 1
        ? "flink-model-openai and llama-server"
        : "%d x flink-model-openai and llama-server".formatted(clients);
  }

  /**
   * The job in front of the server.
   *
   * @param process which the way owns from now on
   */
  static SqlWay job(PredictProcess process, URI server, int clients, SqlLoad load) {
    return new PredictWay(
        name(clients),
        process,
        instruction ->
            OpenAiProvider.models(
                clients,
                server.resolve("/v1").toString(),
                MODEL,
                Map.of(
                    "system-prompt",
                    instruction,
                    "temperature",
                    "0",
                    "max-tokens",
                    Integer.toString(load.newTokens()))),
        load.inFlight());
  }
}
