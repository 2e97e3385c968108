package ai.falaj.jobs.bench.predict;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.jobs.FalajDirectories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Flink's own model provider for servers of OpenAI's protocol: {@code flink-model-openai}.
 *
 * <p>Version 2.3.0 makes one HTTP client per JVM, endpoint and key, and leaves that client's limit
 * of requests to one host at its default, which is {@value #REQUESTS_PER_CLIENT}: whatever the
 * operator has in flight, no more than that are on their way. More need more models, which differ
 * in nothing but the key that the server does not look at.
 */
public final class OpenAiProvider {

  /** Default of OkHttp's {@code Dispatcher}, per host. */
  public static final int REQUESTS_PER_CLIENT = 5;

  private OpenAiProvider() {}

  /**
   * The jar that the build laid beside the class path.
   *
   * @throws BenchmarkException if it is not there
   */
  public static Path jar(FalajDirectories directories) throws BenchmarkException {
    Path jar =
        directories
            .home()
            .orElseThrow(() -> new BenchmarkException("falaj.home is not set"))
            .resolve(Path.of("jobs", "target", "model-providers", "flink-model-openai.jar"));
    if (!Files.isRegularFile(jar)) {
      throw new BenchmarkException(jar + " is missing; build with: mvn package");
    }
    return jar;
  }

  /**
   * Options of models that differ in their key alone.
   *
   * @param baseUrl such as {@code http://127.0.0.1:4711/v1}
   * @param more options by their names, the same for all
   */
  public static List<Map<String, String>> models(
      int clients, String baseUrl, String model, Map<String, String> more) {
    return IntStream.range(0, clients)
        .mapToObj(
            client -> {
              Map<String, String> options = new HashMap<>(more);
              options.put("provider", "openai");
              options.put("endpoint", baseUrl + "/chat/completions");
              options.put("api-key", "client-" + client);
              options.put("model", model);
              options.put("error-handling-strategy", "failover");
              return Map.copyOf(options);
            })
        .toList();
  }
}
