package ai.falaj.jobs.stack;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Flink in this JVM: a JobManager with REST API and web UI, and one TaskManager, so that all slots
 * share one model. Its temporary files go to a folder of its own that goes with it; Flink alone
 * would leave a 23 MB file per start in the system's.
 *
 * <p>Any thread. {@link #close()} cancels what runs and waits until all of it has ended.
 */
public final class LocalFlink implements AutoCloseable {

  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final MiniCluster cluster;
  private final Path directory;
  private final URI url;

  private LocalFlink(MiniCluster cluster, Path directory, URI url) {
    this.cluster = cluster;
    this.directory = directory;
    this.url = url;
  }

  /**
   * Starts a cluster and waits until its REST API answers.
   *
   * @param directory made empty; Flink's temporary files go there
   * @param port of the REST API and web UI, known to be free
   * @param slots of the one TaskManager
   * @param overrides Flink settings that win over the defaults of the local stack
   * @throws StackException when it does not come up
   */
  public static LocalFlink start(Path directory, int port, int slots, Configuration overrides) {
    Directories.empty(directory);
    Configuration configuration = defaults(directory, port);
    configuration.addAll(overrides);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setCommonBindAddress(Ports.HOST)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
    try {
      cluster.start();
      return new LocalFlink(cluster, directory, cluster.getRestAddress().join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failedStart(cluster, directory, e);
    } catch (Exception e) { // declared by MiniCluster.start()
      throw failedStart(cluster, directory, e);
    }
  }

  private static StackException failedStart(MiniCluster cluster, Path directory, Exception cause) {
    cluster.closeAsync().join();
    Directories.delete(directory);
    return StackException.failure(
        "Flink could not be started: " + cause.getMessage(), "see the log", cause);
  }

  private static Configuration defaults(Path directory, int port) {
    Configuration configuration = new Configuration();
    configuration.set(RestOptions.ADDRESS, Ports.HOST);
    configuration.set(RestOptions.BIND_ADDRESS, Ports.HOST);
    configuration.set(RestOptions.PORT, port);
    configuration.set(RestOptions.BIND_PORT, Integer.toString(port));
    configuration.set(JobManagerOptions.BIND_HOST, Ports.HOST);
    configuration.set(TaskManagerOptions.BIND_HOST, Ports.HOST);
    configuration.set(CoreOptions.TMP_DIRS, directory.toString());
    configuration.set(WebOptions.TMP_DIR, directory.resolve("web").toString());
    configuration.set(BlobServerOptions.STORAGE_DIRECTORY, directory.resolve("blobs").toString());
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        directory.resolve("checkpoints").toUri().toString());
    // A submitted jar takes what this JVM has, model included, from it: one copy of each class.
    configuration.set(CoreOptions.CLASSLOADER_RESOLVE_ORDER, "parent-first");
    // State of the local stack is small and lives on the heap: leave the memory to the model.
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    // Where prompts are exchanged, savepoints wait for those in the buffers: keep them few.
    configuration.set(TaskManagerOptions.BUFFER_DEBLOAT_ENABLED, true);
    return configuration;
  }

  /**
   * An environment whose jobs run here. They are submitted by the REST API as any other client's,
   * and take their classes from this JVM's class path.
   *
   * @param configuration settings of the job
   */
  public StreamExecutionEnvironment environment(Configuration configuration) {
    return StreamExecutionEnvironment.createRemoteEnvironment(
        url.getHost(), url.getPort(), configuration);
  }

  /** Web UI and REST API. */
  public URI url() {
    return url;
  }

  /** Stops every job and the cluster, and deletes its temporary files. */
  @Override
  public void close() {
    try {
      cluster.closeAsync().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw StackException.failure(
          "Flink could not be stopped: " + e.getMessage(), "see the log", e);
    } finally {
      Directories.delete(directory);
    }
  }
}
