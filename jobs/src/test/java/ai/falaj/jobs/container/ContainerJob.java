package ai.falaj.jobs.container;

import ai.falaj.jobs.chaos.LedgeredLoad;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.completion.CompletionJob;
import ai.falaj.jobs.completion.CompletionOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The completion job with scripted answers on a cluster of containers: built in this JVM, run from
 * the job jar, with the fake runtime of the image. Used by one thread.
 */
final class ContainerJob {

  static final Path JAR =
      Path.of(System.getProperty("falaj.home"), "jobs", "target", "falaj-job.jar").normalize();

  private static final String SAVEPOINTS = "file://" + FlinkContainers.STATE + "/savepoints";
  private static final long LIMIT_S = 90;

  private final ContainerCluster cluster;
  private final Configuration options;
  private String jobId;

  private ContainerJob(ContainerCluster cluster, Configuration options) {
    this.cluster = cluster;
    this.options = options;
  }

  /**
   * Options that name broker, registry and topics as containers reach them.
   *
   * @param name of job, consumer group and transactions
   */
  static Configuration options(String name, Connection connection) {
    Configuration options = new Configuration();
    options.set(CompletionOptions.JOB_NAME, name);
    options.set(CompletionOptions.GROUP_ID, name);
    options.set(CompletionOptions.BOOTSTRAP_SERVERS, ContainerCluster.INNER_BOOTSTRAP);
    options.set(CompletionOptions.SCHEMA_REGISTRY_URL, ContainerCluster.INNER_REGISTRY);
    options.set(CompletionOptions.PROMPTS_TOPIC, connection.topic(RecordKind.PROMPTS));
    options.set(CompletionOptions.CHUNKS_TOPIC, connection.topic(RecordKind.CHUNKS));
    options.set(CompletionOptions.COMPLETIONS_TOPIC, connection.topic(RecordKind.COMPLETIONS));
    options.set(CompletionOptions.DEAD_LETTERS_TOPIC, connection.topic(RecordKind.DEAD_LETTERS));
    options.set(CompletionOptions.CHECKPOINT_INTERVAL, Duration.ofSeconds(2));
    // Longer than any outage here, or the broker would abort what only waits for its commit.
    options.set(CompletionOptions.TRANSACTION_TIMEOUT, Duration.ofMinutes(2));
    return options;
  }

  /** Submits it and returns when it runs. */
  static ContainerJob start(ContainerCluster cluster, Configuration options) throws Exception {
    ContainerJob job = new ContainerJob(cluster, options);
    job.submit(options);
    return job;
  }

  private void submit(Configuration configuration) throws Exception {
    URI url = cluster.flink().url();
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createRemoteEnvironment(
            url.getHost(), url.getPort(), new Configuration(configuration), JAR.toString());
    environment.setParallelism(FlinkContainers.TASK_MANAGERS);
    String name = CompletionJob.build(environment, configuration, LedgeredLoad.model()).jobName();
    jobId = environment.executeAsync(name).getJobID().toHexString();
    cluster.flink().awaitRunning(jobId);
  }

  /**
   * Stops it with a savepoint.
   *
   * @return path of the savepoint
   */
  String stopWithSavepoint() throws Exception {
    try (RestClusterClient<StandaloneClusterId> client = client(cluster)) {
      return client
          .stopWithSavepoint(
              JobID.fromHexString(jobId), false, SAVEPOINTS, SavepointFormatType.CANONICAL)
          .get(LIMIT_S, TimeUnit.SECONDS);
    }
  }

  /** Submits it again, on the cluster that there is now. */
  void startFrom(String savepoint) throws Exception {
    Configuration configuration = new Configuration(options);
    configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    submit(configuration);
  }

  /** Cancels any job of the cluster. */
  static void cancel(ContainerCluster cluster, String jobId) throws Exception {
    try (RestClusterClient<StandaloneClusterId> client = client(cluster)) {
      client.cancel(JobID.fromHexString(jobId)).get(LIMIT_S, TimeUnit.SECONDS);
    }
  }

  private static RestClusterClient<StandaloneClusterId> client(ContainerCluster cluster)
      throws Exception {
    URI url = cluster.flink().url();
    Configuration configuration = new Configuration();
    configuration.set(RestOptions.ADDRESS, url.getHost());
    configuration.set(RestOptions.PORT, url.getPort());
    return new RestClusterClient<>(configuration, StandaloneClusterId.getInstance());
  }
}
