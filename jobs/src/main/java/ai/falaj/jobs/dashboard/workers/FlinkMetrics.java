package ai.falaj.jobs.dashboard.workers;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Metrics of a job's vertex by subtask and operator, from the flat names of Flink's REST API:
 * {@code 0.inference.num_requests_running}. Pure.
 */
final class FlinkMetrics {

  /** The shared runtime's: every subtask of a TaskManager reports the same. */
  static final String RUNNING = "num_requests_running";

  static final String WAITING = "num_requests_waiting";
  static final String KV_USAGE = "kv_cache_usage_perc";
  static final String PREEMPTIONS = "num_preemptions_total";
  static final String PREFIX_QUERIES = "prefix_cache_queries_total";
  static final String PREFIX_HITS = "prefix_cache_hits_total";
  static final String MAX_SEQUENCES = "max_num_seqs";
  static final String STEPS = "engine_steps_total";
  static final String STEP_SEQUENCES = "engine_step_seqs_total";

  /** The subtask's own: they add up. */
  static final String IN_FLIGHT = "requests_in_flight";

  static final String TOKENS_IN_FLIGHT = "tokens_in_flight";
  static final String GENERATED = "generation_tokens_total";

  private static final List<String> WANTED =
      List.of(
          RUNNING,
          WAITING,
          KV_USAGE,
          PREEMPTIONS,
          PREFIX_QUERIES,
          PREFIX_HITS,
          MAX_SEQUENCES,
          STEPS,
          STEP_SEQUENCES,
          IN_FLIGHT,
          TOKENS_IN_FLIGHT,
          GENERATED);

  private static final Set<String> ADD_UP = Set.of(IN_FLIGHT, TOKENS_IN_FLIGHT, GENERATED);
  private static final Pattern NAME = Pattern.compile("(\\d+)\\.(.+)\\.([a-z_]+)");

  private FlinkMetrics() {}

  /**
   * A metric's place.
   *
   * @param subtask index of it
   */
  record Place(int subtask, String operator, String metric) {}

  /** Where a metric belongs; empty where it is none of the wanted ones. */
  static Optional<Place> place(String id) {
    Matcher parts = NAME.matcher(id);
    if (!parts.matches() || !WANTED.contains(parts.group(3)) || isOfPart(parts.group(2))) {
      return Optional.empty();
    }
    return Optional.of(new Place(Integer.parseInt(parts.group(1)), parts.group(2), parts.group(3)));
  }

  /** Metrics of single models and tenants stand beside those of the runtime that has them all. */
  private static boolean isOfPart(String operator) {
    return operator.contains(".model_name.") || operator.contains(".tenant.");
  }

  /** The wanted ones among all ids that the API lists for a vertex. */
  static List<String> wanted(JsonNode listed) {
    List<String> ids = new ArrayList<>();
    listed.forEach(
        metric -> {
          String id = metric.path("id").asText();
          place(id).ifPresent(place -> ids.add(id));
        });
    return ids;
  }

  /**
   * Values by TaskManager and operator: of the shared ones the highest, of the others the sum.
   *
   * @param values as the API answers
   * @param taskManagers by subtask
   */
  static Map<RuntimeKey, Map<String, Double>> byRuntime(
      String job, JsonNode values, Map<Integer, String> taskManagers) {
    Map<RuntimeKey, Map<String, Double>> runtimes = new HashMap<>();
    for (JsonNode value : values) {
      Optional<Place> place = place(value.path("id").asText());
      double number = value.path("value").asDouble(Double.NaN);
      if (place.isEmpty()
          || Double.isNaN(number)
          || !taskManagers.containsKey(place.get().subtask())) {
        continue;
      }
      RuntimeKey key =
          new RuntimeKey(taskManagers.get(place.get().subtask()), job, place.get().operator());
      runtimes
          .computeIfAbsent(key, unknown -> new HashMap<>())
          .merge(
              place.get().metric(),
              number,
              ADD_UP.contains(place.get().metric()) ? Double::sum : Math::max);
    }
    return runtimes;
  }

  /** One runtime as an operator of a job uses it. */
  record RuntimeKey(String taskManager, String job, String operator) {}

  /** TaskManagers by subtask, as the API describes a vertex. */
  static Map<Integer, String> taskManagers(JsonNode vertex) {
    Map<Integer, String> taskManagers = new HashMap<>();
    for (JsonNode subtask : vertex.path("subtasks")) {
      String id = subtask.path("taskmanager-id").asText("");
      if (!id.isEmpty()) {
        taskManagers.put(subtask.path("subtask").asInt(), id);
      }
    }
    return taskManagers;
  }

  /** Ids as one parameter of the API. */
  static String parameter(List<String> ids) {
    Set<String> encoded = new LinkedHashSet<>();
    ids.forEach(id -> encoded.add(URLEncoder.encode(id, StandardCharsets.UTF_8)));
    return String.join(",", encoded);
  }
}
