package ai.falaj.jobs.cluster;

import ai.falaj.jobs.stack.StackException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;

/**
 * What cluster to start.
 *
 * @param home root of the installation, which holds the broker's and the registry's files
 * @param directory data of all parts; made empty at the start and deleted at the end
 * @param logDirectory where each start of each process writes a log of its own
 * @param topics to create
 * @param partitions of each topic
 * @param taskManagers processes with one slot each, so that a subtask dies with its TaskManager
 *     alone
 * @param scheduler of the JobManager
 * @param taskManager what a TaskManager may take
 * @param flink settings that win over the cluster's own
 * @param progress told one line per part that is up, from the threads that start them
 */
public record ClusterOptions(
    Path home,
    Path directory,
    Path logDirectory,
    List<String> topics,
    int partitions,
    int taskManagers,
    Scheduler scheduler,
    TaskManagerSize taskManager,
    Configuration flink,
    Consumer<String> progress) {

  /** Most TaskManagers: each is a JVM on this machine. */
  public static final int MAX_TASK_MANAGERS = 16;

  /** Flink's schedulers, which differ in what a failure restarts. */
  public enum Scheduler {
    /** Restarts the chain that failed and waits for a slot for it. */
    DEFAULT,
    /**
     * Restarts the whole job, with fewer subtasks while slots are missing; can change the
     * parallelism of a running job.
     */
    ADAPTIVE
  }

  /**
   * Memory of a TaskManager's JVM.
   *
   * @param taskHeapMb heap of the job, beside Flink's own
   * @param taskOffHeapMb native memory of the job: a model's weights and KV cache
   * @param jvmOptions further options of the JVM
   */
  public record TaskManagerSize(int taskHeapMb, int taskOffHeapMb, List<String> jvmOptions) {

    /** For a job whose model needs nothing: quick to start, small. */
    public static final TaskManagerSize SMALL =
        new TaskManagerSize(160, 16, List.of("-XX:TieredStopAtLevel=1"));

    public TaskManagerSize {
      jvmOptions = List.copyOf(jvmOptions);
    }
  }

  public ClusterOptions {
    topics = List.copyOf(topics);
    flink = new Configuration(flink);
    if (partitions < 1) {
      throw StackException.prerequisite(
          "partitions are " + partitions, "give a topic at least one partition");
    }
    if (taskManagers < 1 || taskManagers > MAX_TASK_MANAGERS) {
      throw StackException.prerequisite(
          "TaskManagers are " + taskManagers, "start 1 to " + MAX_TASK_MANAGERS);
    }
  }

  /** The defaults: 2 small TaskManagers, the default scheduler, no topics. */
  public static ClusterOptions in(Path home, Path directory, Path logDirectory) {
    return new ClusterOptions(
        home,
        directory,
        logDirectory,
        List.of(),
        4,
        2,
        Scheduler.DEFAULT,
        TaskManagerSize.SMALL,
        new Configuration(),
        line -> {});
  }

  public ClusterOptions withTopics(List<String> value, int partitionsOfEach) {
    return new ClusterOptions(
        home,
        directory,
        logDirectory,
        value,
        partitionsOfEach,
        taskManagers,
        scheduler,
        taskManager,
        flink,
        progress);
  }

  public ClusterOptions withTaskManagers(int value, TaskManagerSize size) {
    return new ClusterOptions(
        home, directory, logDirectory, topics, partitions, value, scheduler, size, flink, progress);
  }

  public ClusterOptions withScheduler(Scheduler value) {
    return new ClusterOptions(
        home,
        directory,
        logDirectory,
        topics,
        partitions,
        taskManagers,
        value,
        taskManager,
        flink,
        progress);
  }

  public ClusterOptions withFlink(Configuration value) {
    return new ClusterOptions(
        home,
        directory,
        logDirectory,
        topics,
        partitions,
        taskManagers,
        scheduler,
        taskManager,
        value,
        progress);
  }

  public ClusterOptions withProgress(Consumer<String> value) {
    return new ClusterOptions(
        home,
        directory,
        logDirectory,
        topics,
        partitions,
        taskManagers,
        scheduler,
        taskManager,
        flink,
        value);
  }
}
