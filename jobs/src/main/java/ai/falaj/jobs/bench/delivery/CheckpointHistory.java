package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.submit.FlinkRestClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What Flink's REST API tells of a job's checkpoints. Any thread. */
final class CheckpointHistory {

  private final FlinkRestClient flink;
  private final String path;

  CheckpointHistory(FlinkRestClient flink, String jobId) {
    this.flink = flink;
    this.path = "/jobs/" + jobId + "/checkpoints";
  }

  /**
   * A completed checkpoint. Durations of parts are of the subtask where they took longest.
   *
   * @param durationMs from the trigger to the last acknowledgement
   * @param startDelayMs from the trigger until the barriers had come
   * @param syncMs in which the task did nothing else
   * @param asyncMs of serialization and writing, beside the task's work
   * @param bytes of all state
   */
  record Checkpoint(
      long id,
      long triggeredAtMs,
      long durationMs,
      long startDelayMs,
      long syncMs,
      long asyncMs,
      long bytes) {}

  /** Checkpoints that did not complete, those under way left out. */
  int failed() throws InterruptedException {
    return flink.get(path).path("counts").path("failed").asInt();
  }

  /** How long the one that is under way has taken already; 0 where there is none. */
  long pendingMs(long nowMs) throws InterruptedException {
    long pendingMs = 0;
    for (JsonNode checkpoint : flink.get(path).path("history")) {
      if (checkpoint.path("status").asText().equals("IN_PROGRESS")) {
        pendingMs = Math.max(pendingMs, nowMs - checkpoint.path("trigger_timestamp").asLong());
      }
    }
    return pendingMs;
  }

  /** In order of time, as far back as the cluster remembers. */
  List<Checkpoint> completed() throws InterruptedException {
    List<Checkpoint> completed = new ArrayList<>();
    for (JsonNode checkpoint : flink.get(path).path("history")) {
      if (checkpoint.path("status").asText().equals("COMPLETED")) {
        completed.add(read(checkpoint));
      }
    }
    completed.sort(Comparator.comparingLong(Checkpoint::id));
    return completed;
  }

  private Checkpoint read(JsonNode checkpoint) throws InterruptedException {
    long id = checkpoint.path("id").asLong();
    long startDelayMs = 0;
    long syncMs = 0;
    long asyncMs = 0;
    List<String> vertices = new ArrayList<>();
    flink.get(path + "/details/" + id).path("tasks").fieldNames().forEachRemaining(vertices::add);
    for (String vertex : vertices) {
      JsonNode summary = flink.get(path + "/details/" + id + "/subtasks/" + vertex).path("summary");
      JsonNode duration = summary.path("checkpoint_duration");
      startDelayMs = Math.max(startDelayMs, summary.path("start_delay").path("max").asLong());
      syncMs = Math.max(syncMs, duration.path("sync").path("max").asLong());
      asyncMs = Math.max(asyncMs, duration.path("async").path("max").asLong());
    }
    return new Checkpoint(
        id,
        checkpoint.path("trigger_timestamp").asLong(),
        checkpoint.path("end_to_end_duration").asLong(),
        startDelayMs,
        syncMs,
        asyncMs,
        checkpoint.path("state_size").asLong());
  }
}
