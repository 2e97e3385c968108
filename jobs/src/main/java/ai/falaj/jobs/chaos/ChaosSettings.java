package ai.falaj.jobs.chaos;

import ai.falaj.jobs.cluster.ClusterOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run is to do.
 *
 * @param seed of schedule and prompts
 * @param load how long prompts are sent, at least; longer where events take longer than planned
 * @param taskManagers with a slot each
 * @param parallelism of the job at its start
 * @param promptsPerSecond rate of the load
 * @param kills kills and pauses together
 * @param rescales parallelisms that the job is brought to, one after the other
 * @param drain how long to wait for the last results after the load
 * @param model of the real engine; empty: scripted answers
 * @param job further options of the job
 */
record ChaosSettings(
    long seed,
    Duration load,
    int taskManagers,
    int parallelism,
    double promptsPerSecond,
    int kills,
    List<Integer> rescales,
    Duration drain,
    Optional<String> model,
    Map<String, String> job) {

  private static final int MAX_PROMPTS_PER_SECOND = 1_000;
  private static final Duration SHORTEST_LOAD = Duration.ofSeconds(5);

  /**
   * @throws IllegalArgumentException with the option, its value and the remedy
   */
  ChaosSettings {
    rescales = List.copyOf(rescales);
    job = Map.copyOf(job);
    require(
        load.compareTo(SHORTEST_LOAD) >= 0,
        "--minutes is " + load.toMillis() / 60_000.0 + "; give it at least 0.1");
    require(
        promptsPerSecond > 0 && promptsPerSecond <= MAX_PROMPTS_PER_SECOND,
        "--rate is "
            + promptsPerSecond
            + "; give it more than 0 and at most "
            + MAX_PROMPTS_PER_SECOND);
    require(
        taskManagers >= 1 && taskManagers <= ClusterOptions.MAX_TASK_MANAGERS,
        "--taskmanagers is " + taskManagers + "; give it 1 to " + ClusterOptions.MAX_TASK_MANAGERS);
    require(kills >= 0, "--kills is " + kills + "; give it 0 or more");
    require(
        parallelism >= 1 && parallelism <= taskManagers,
        "--parallelism is "
            + parallelism
            + " and --taskmanagers "
            + taskManagers
            + "; choose a parallelism from 1 to the number of TaskManagers");
    for (int rescale : rescales) {
      require(
          rescale >= 1 && rescale <= taskManagers,
          "--rescale has "
              + rescale
              + " and --taskmanagers is "
              + taskManagers
              + "; choose parallelisms from 1 to the number of TaskManagers");
    }
  }

  /** As many as the promise of a run asks for: twelve in five minutes, each kind at least once. */
  static int defaultKills(Duration load) {
    return Math.max(ChaosSchedule.KINDS, (int) Math.ceil(12 * load.toMillis() / 300_000.0));
  }

  boolean isScripted() {
    return model.isEmpty();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
