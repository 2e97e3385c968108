package ai.falaj.jobs.dashboard.workers;

import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.dashboard.workers.FlinkMetrics.RuntimeKey;
import ai.falaj.jobs.dashboard.workers.WorkersView.Job;
import ai.falaj.jobs.dashboard.workers.WorkersView.RuntimeUse;
import ai.falaj.jobs.dashboard.workers.WorkersView.TaskManager;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.jobs.submit.FlinkRestException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks Flink's REST API what its TaskManagers do. Each look is a handful of calls; what is listed
 * is bounded. Confined to one thread.
 */
public final class FlinkWorkers {

  private static final int MOST_JOBS = 20;
  private static final int MOST_TASK_MANAGERS = 200;
  private static final String HEAP_USED = "Status.JVM.Memory.Heap.Used";
  private static final String HEAP_MAX = "Status.JVM.Memory.Heap.Max";
  private static final String CPU_LOAD = "Status.JVM.CPU.Load";

  private final URI url;
  private final FlinkRestClient flink;
  private final InstantSource clock;
  private final RuntimeRates rates = new RuntimeRates();

  public FlinkWorkers(URI url, InstantSource clock) {
    this.url = url;
    this.flink = new FlinkRestClient(url);
    this.clock = clock;
  }

  /** What they do now; unavailable with the reason where Flink does not answer. */
  public WorkersView look() throws InterruptedException {
    try {
      return lookOrThrow();
    } catch (FlinkRestException e) {
      return WorkersView.unavailable(e.getMessage(), url.toString(), clock.millis());
    }
  }

  private WorkersView lookOrThrow() throws InterruptedException {
    List<Job> jobs = new ArrayList<>();
    Map<RuntimeKey, Map<String, Double>> values = new HashMap<>();
    for (JsonNode job : flink.get("/jobs/overview").path("jobs")) {
      if (jobs.size() == MOST_JOBS) {
        break;
      }
      Job known =
          new Job(
              job.path("jid").asText(),
              Names.bounded(job.path("name").asText()),
              job.path("state").asText());
      jobs.add(known);
      if (known.state().equals("RUNNING")) {
        values.putAll(values(known));
      }
    }
    return new WorkersView(
        true, null, url.toString(), clock.millis(), jobs, taskManagers(uses(values)));
  }

  private Map<RuntimeKey, Map<String, Double>> values(Job job) throws InterruptedException {
    Map<RuntimeKey, Map<String, Double>> values = new HashMap<>();
    for (JsonNode vertex : flink.get("/jobs/" + job.id()).path("vertices")) {
      String path = "/jobs/" + job.id() + "/vertices/" + vertex.path("id").asText();
      List<String> wanted = FlinkMetrics.wanted(flink.get(path + "/metrics"));
      if (!wanted.isEmpty()) {
        values.putAll(
            FlinkMetrics.byRuntime(
                job.name(),
                flink.get(path + "/metrics?get=" + FlinkMetrics.parameter(wanted)),
                FlinkMetrics.taskManagers(flink.get(path))));
      }
    }
    return values;
  }

  private Map<String, List<RuntimeUse>> uses(Map<RuntimeKey, Map<String, Double>> values) {
    Map<String, List<RuntimeUse>> uses = new HashMap<>();
    long nowNanos = System.nanoTime();
    values.forEach(
        (key, metrics) ->
            uses.computeIfAbsent(key.taskManager(), id -> new ArrayList<>())
                .add(rates.use(key, metrics, nowNanos)));
    rates.retain(values.keySet());
    return uses;
  }

  private List<TaskManager> taskManagers(Map<String, List<RuntimeUse>> uses)
      throws InterruptedException {
    List<TaskManager> taskManagers = new ArrayList<>();
    for (JsonNode one : flink.get("/taskmanagers").path("taskmanagers")) {
      if (taskManagers.size() == MOST_TASK_MANAGERS) {
        break;
      }
      String id = one.path("id").asText();
      Map<String, Double> process = processMetrics(id);
      taskManagers.add(
          new TaskManager(
              id,
              host(one.path("path").asText()),
              one.path("slotsNumber").asInt(),
              one.path("freeSlots").asInt(),
              whole(process.get(HEAP_USED)),
              whole(process.get(HEAP_MAX)),
              process.get(CPU_LOAD),
              uses.getOrDefault(id, List.of())));
    }
    return taskManagers;
  }

  private Map<String, Double> processMetrics(String id) throws InterruptedException {
    Map<String, Double> metrics = new HashMap<>();
    String wanted = String.join(",", HEAP_USED, HEAP_MAX, CPU_LOAD);
    for (JsonNode metric : flink.get("/taskmanagers/" + id + "/metrics?get=" + wanted)) {
      double value = metric.path("value").asDouble(Double.NaN);
      if (!Double.isNaN(value)) {
        metrics.put(metric.path("id").asText(), value);
      }
    }
    return metrics;
  }

  /** Of {@code pekko.tcp://flink@host:41234/user/rpc/taskmanager_0}; empty where it names none. */
  private static String host(String path) {
    int at = path.indexOf('@');
    int colon = path.indexOf(':', at + 1);
    return at < 0 || colon < 0 ? "" : path.substring(at + 1, colon);
  }

  private static Long whole(Double value) {
    return value == null ? null : Long.valueOf(Math.round(value));
  }
}
