package ai.falaj.jobs.cluster;

import ai.falaj.jobs.stack.LocalKafka;
import ai.falaj.jobs.stack.LocalRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.runtime.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Broker, registry and {@link FlinkProcesses} on this machine, each a process of its own, started
 * side by side and stopped together: by {@link #close()} or by a shutdown hook, whichever comes
 * first. Every process also ends by itself when this one does, however that happens. Ports are
 * chosen freely, so that several clusters can run at once.
 *
 * <p>Any thread. After {@link #close()} no process and no data are left, only logs.
 */
public final class ProcessCluster implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessCluster.class);

  private final ClusterOptions options;
  private final Thread hook = new Thread(this::stopAll, "falaj-cluster-stop");

  /** What has been started, latest first; its monitor also guards {@link #stopped}. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final Object stopMutex = new Object();
  private boolean stopped;
  private LocalKafka kafka;
  private LocalRegistry registry;
  private FlinkProcesses flink;

  private ProcessCluster(ClusterOptions options) {
    this.options = options;
  }

  /**
   * Starts all of it and waits until all of it answers.
   *
   * @throws StackException when a part does not come up; nothing is left running then
   */
  public static ProcessCluster start(ClusterOptions options) {
    ProcessCluster cluster = new ProcessCluster(options);
    Runtime.getRuntime().addShutdownHook(cluster.hook);
    try {
      cluster.startAll();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void startAll() {
    emptyDirectory();
    push(this::deleteDirectory);
    ExecutorService starters = Executors.newFixedThreadPool(3);
    try {
      var kafkaStart = CompletableFuture.supplyAsync(timed("Kafka", this::startKafka), starters);
      var registryStart =
          CompletableFuture.supplyAsync(timed("Schema registry", this::startRegistry), starters);
      var flinkStart = CompletableFuture.supplyAsync(timed("Flink", this::startFlink), starters);
      // All have ended, one way or the other, before a failure stops those that are up.
      CompletableFuture.allOf(kafkaStart, registryStart, flinkStart).join();
      kafka = kafkaStart.join();
      registry = registryStart.join();
      flink = flinkStart.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    } finally {
      starters.shutdown();
    }
  }

  private LocalKafka startKafka() {
    LocalKafka started =
        LocalKafka.start(
            options.home(),
            options.directory().resolve("kafka"),
            options.logDirectory().resolve("kafka.log"),
            Ports.unused());
    push(started);
    LocalTopics.create(started.bootstrapServers(), options.topics(), options.partitions());
    return started;
  }

  private LocalRegistry startRegistry() {
    LocalRegistry started =
        LocalRegistry.start(
            options.home(),
            options.directory().resolve("registry"),
            options.logDirectory().resolve("registry.log"),
            Ports.unused());
    push(started);
    return started;
  }

  private FlinkProcesses startFlink() {
    FlinkProcesses started = FlinkProcesses.start(options, options.directory().resolve("flink"));
    push(started);
    return started;
  }

  private <T> Supplier<T> timed(String name, Supplier<T> start) {
    Consumer<String> progress = options.progress();
    return () -> {
      long startedNanos = System.nanoTime();
      T part = start.get();
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
      progress.accept(String.format(Locale.ROOT, "%s is up (%.1f s)", name, seconds));
      return part;
    };
  }

  private void emptyDirectory() {
    Path directory = options.directory();
    try {
      FileTrees.delete(directory);
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw StackException.failure(
          directory + " cannot be made empty: " + e.getMessage(), "make its parent writable", e);
    }
  }

  private void deleteDirectory() throws IOException {
    FileTrees.delete(options.directory());
  }

  private void push(AutoCloseable part) {
    synchronized (parts) {
      if (!stopped) {
        parts.push(part);
        return;
      }
    }
    stop(part); // came up while the others were being stopped
  }

  public LocalKafka kafka() {
    return kafka;
  }

  public LocalRegistry registry() {
    return registry;
  }

  public FlinkProcesses flink() {
    return flink;
  }

  /** Stops everything, latest first. Returns when all has ended; calling it again does nothing. */
  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The JVM is shutting down: the hook runs anyway and finds nothing to do");
    }
  }

  /** Every part is stopped even when another fails to. A second caller waits for the first. */
  private void stopAll() {
    synchronized (stopMutex) {
      List<AutoCloseable> toStop;
      synchronized (parts) {
        stopped = true;
        toStop = List.copyOf(parts);
        parts.clear();
      }
      toStop.forEach(ProcessCluster::stop);
    }
  }

  private static void stop(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) { // AutoCloseable declares it
      LOG.error("A part of the cluster could not be stopped", e);
    }
  }
}
