package ai.falaj.jobs.cluster;

import ai.falaj.jobs.stack.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/** Configuration files of the Flink processes. */
final class FlinkConfiguration {

  /** Everything to standard output, which is the log file. */
  static final String LOGGING =
      """
      status = error
      appender.stdout.type = Console
      appender.stdout.name = stdout
      appender.stdout.layout.type = PatternLayout
      appender.stdout.layout.pattern = %d{ISO8601} %-5p [%t] %c{1} - %m%n%ex
      rootLogger.level = info
      rootLogger.appenderRef.stdout.ref = stdout
      # Every restart of a job registers its metrics anew and warns for each.
      logger.metrics.name = org.apache.flink.runtime.metrics.groups
      logger.metrics.level = error
      logger.metricgroup.name = org.apache.flink.metrics.MetricGroup
      logger.metricgroup.level = error
      # Whole client configurations at every start.
      logger.kafkaconfig.name = org.apache.kafka.common.config
      logger.kafkaconfig.level = error
      """;

  static final int FRAMEWORK_HEAP_MB = 96;
  static final int FRAMEWORK_OFF_HEAP_MB = 64;
  static final int NETWORK_MB = 32;

  private static final int MANAGED_MB = 8;
  private static final int METASPACE_MB = 192;
  private static final int OVERHEAD_MB = 192;

  private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(2);
  private static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(8);

  /** How long a JobManager that was killed stays the leader in ZooKeeper's eyes. */
  private static final int SESSION_TIMEOUT_MS = 6_000;

  private static final Duration RESTART_DELAY = Duration.ofMillis(500);
  private static final int TICK_MS = 1_000;

  private FlinkConfiguration() {}

  /**
   * What all Flink processes of a cluster share.
   *
   * @param data where checkpoints and the JobManagers' metadata go
   */
  static Configuration of(ClusterOptions options, Path data, int restPort, int zooKeeperPort) {
    Configuration flink = new Configuration();
    setAddresses(flink, restPort);
    setHighAvailability(flink, data, zooKeeperPort);
    setTaskManagerMemory(flink, options.taskManager());
    flink.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, HEARTBEAT_INTERVAL);
    flink.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT);
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
    flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, RESTART_DELAY);
    if (options.scheduler() == ClusterOptions.Scheduler.ADAPTIVE) {
      setAdaptiveScheduler(flink);
    }
    flink.addAll(options.flink());
    return flink;
  }

  private static void setAddresses(Configuration flink, int restPort) {
    flink.set(JobManagerOptions.ADDRESS, Ports.HOST);
    flink.set(JobManagerOptions.BIND_HOST, Ports.HOST);
    flink.set(RestOptions.ADDRESS, Ports.HOST);
    flink.set(RestOptions.BIND_ADDRESS, Ports.HOST);
    flink.set(RestOptions.PORT, restPort);
    flink.set(RestOptions.BIND_PORT, Integer.toString(restPort));
    flink.set(TaskManagerOptions.HOST, Ports.HOST);
    flink.set(TaskManagerOptions.BIND_HOST, Ports.HOST);
    flink.set(TaskManagerOptions.NUM_TASK_SLOTS, 1);
  }

  private static void setHighAvailability(Configuration flink, Path data, int zooKeeperPort) {
    flink.set(HighAvailabilityOptions.HA_MODE, "zookeeper");
    flink.set(HighAvailabilityOptions.HA_ZOOKEEPER_QUORUM, Ports.HOST + ":" + zooKeeperPort);
    flink.set(HighAvailabilityOptions.HA_STORAGE_PATH, data.resolve("ha").toUri().toString());
    flink.set(
        HighAvailabilityOptions.ZOOKEEPER_SESSION_TIMEOUT, Duration.ofMillis(SESSION_TIMEOUT_MS));
    flink.set(
        HighAvailabilityOptions.ZOOKEEPER_CONNECTION_TIMEOUT,
        Duration.ofMillis(SESSION_TIMEOUT_MS));
    flink.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY, data.resolve("checkpoints").toUri().toString());
  }

  /** All of it, because a process that is started without Flink's scripts derives none of it. */
  private static void setTaskManagerMemory(
      Configuration flink, ClusterOptions.TaskManagerSize size) {
    flink.set(TaskManagerOptions.CPU_CORES, 1.0);
    flink.set(TaskManagerOptions.FRAMEWORK_HEAP_MEMORY, mb(FRAMEWORK_HEAP_MB));
    flink.set(TaskManagerOptions.FRAMEWORK_OFF_HEAP_MEMORY, mb(FRAMEWORK_OFF_HEAP_MB));
    flink.set(TaskManagerOptions.TASK_HEAP_MEMORY, mb(size.taskHeapMb()));
    flink.set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, mb(size.taskOffHeapMb()));
    flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, mb(MANAGED_MB));
    flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, mb(NETWORK_MB));
    flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, mb(NETWORK_MB));
    // A second's worth of prompts waits in a subtask's input, not ten buffers full of them.
    flink.set(TaskManagerOptions.BUFFER_DEBLOAT_ENABLED, true);
    flink.set(TaskManagerOptions.JVM_METASPACE, mb(METASPACE_MB));
    flink.set(TaskManagerOptions.JVM_OVERHEAD_MIN, mb(OVERHEAD_MB));
    flink.set(TaskManagerOptions.JVM_OVERHEAD_MAX, mb(OVERHEAD_MB));
  }

  private static MemorySize mb(int megabytes) {
    return MemorySize.ofMebiBytes(megabytes);
  }

  /** Waits long enough for a TaskManager that is being started again, and no longer. */
  private static void setAdaptiveScheduler(Configuration flink) {
    flink.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Adaptive);
    flink.set(JobManagerOptions.SCHEDULER_EXECUTING_COOLDOWN_AFTER_RESCALING, Duration.ZERO);
    flink.set(
        JobManagerOptions.SCHEDULER_EXECUTING_RESOURCE_STABILIZATION_TIMEOUT,
        Duration.ofMillis(500));
    flink.set(
        JobManagerOptions.SCHEDULER_SUBMISSION_RESOURCE_STABILIZATION_TIMEOUT,
        Duration.ofSeconds(4));
    flink.set(JobManagerOptions.SCHEDULER_RESCALE_TRIGGER_MAX_DELAY, Duration.ofSeconds(10));
  }

  /** As {@code config.yaml}: one line per setting, each value quoted. */
  static String yaml(Configuration flink) {
    return new TreeMap<>(flink.toMap())
        .entrySet().stream()
            .map(entry -> entry.getKey() + ": " + quoted(entry))
            .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String quoted(Map.Entry<String, String> entry) {
    return "'" + entry.getValue().replace("'", "''") + "'";
  }

  /** One server that is no ensemble, with the shortest sessions that the JobManager asks for. */
  static String zooKeeper(Path data, int port) {
    return String.join(
        "\n",
        "tickTime=" + TICK_MS,
        "dataDir=" + data.toString().replace("\\", "/"),
        "clientPort=" + port,
        "clientPortAddress=" + Ports.HOST,
        "maxClientCnxns=0",
        "admin.enableServer=false",
        "");
  }
}
