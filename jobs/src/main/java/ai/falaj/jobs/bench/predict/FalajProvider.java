package ai.falaj.jobs.bench.predict;

import ai.falaj.benchmarks.EngineSettings;
import java.util.HashMap;
import java.util.Map;

/**
 * Options of Falaj's own model provider, of the same meaning as those of {@link OpenAiProvider}.
 */
public final class FalajProvider {

  private FalajProvider() {}

  /**
   * A model in the TaskManager.
   *
   * @param more options by their names
   */
  public static Map<String, String> inTaskManager(
      EngineSettings settings, Map<String, String> more) {
    Map<String, String> options = model(settings.modelFile().toString(), more);
    options.put("engine", "llamacpp");
    options.put("max-sequences", Integer.toString(settings.sequences()));
    options.put("max-context-size", Integer.toString(settings.contextTokens()));
    options.put("threads", Integer.toString(settings.threads()));
    return Map.copyOf(options);
  }

  /**
   * A model of a server.
   *
   * @param baseUrl such as {@code http://127.0.0.1:4711/v1}
   * @param concurrency most requests at once
   * @param more options by their names
   */
  public static Map<String, String> served(
      String baseUrl, String model, int concurrency, Map<String, String> more) {
    Map<String, String> options = model(model, more);
    options.put("max-concurrency", Integer.toString(concurrency));
    options.put("engine", "vllm");
    options.put("endpoint", baseUrl + "/chat/completions");
    options.put("api-key", "none");
    options.put("check-at-open", "false");
    return Map.copyOf(options);
  }

  private static Map<String, String> model(String model, Map<String, String> more) {
    Map<String, String> options = new HashMap<>(more);
    options.put("provider", "falaj");
    options.put("model", model);
    options.put("error-handling-strategy", "failover");
    return options;
  }
}
