package ai.falaj.jobs.dashboard.workers;

import java.util.List;

/**
 * TaskManagers and the runtimes in them, as Flink's REST API tells.
 *
 * @param available false where it tells nothing; reason says why
 */
public record WorkersView(
    boolean available,
    String reason,
    String flink,
    long at,
    List<Job> jobs,
    List<TaskManager> taskManagers) {

  static WorkersView unavailable(String reason, String flink, long atMs) {
    return new WorkersView(false, reason, flink, atMs, List.of(), List.of());
  }

  /** A job of the cluster. */
  public record Job(String id, String name, String state) {}

  /** One process; null is not known. */
  public record TaskManager(
      String id,
      String host,
      int slots,
      int freeSlots,
      Long heapUsedBytes,
      Long heapMaxBytes,
      Double cpuLoad,
      List<RuntimeUse> runtimes) {}

  /**
   * The runtime of one operator in one TaskManager.
   *
   * @param meanBatch sequences per step since the last look
   * @param batchOccupancy meanBatch by the most that fit, 0 to 1
   * @param kvCacheUsage 0 to 1
   */
  public record RuntimeUse(
      String job,
      String operator,
      Long running,
      Long waiting,
      Long maxSequences,
      Double meanBatch,
      Double batchOccupancy,
      Double kvCacheUsage,
      Long inFlight,
      Long tokensInFlight,
      Double generationTokensPerSecond,
      Double prefixHitRate,
      Long preemptions) {}
}
