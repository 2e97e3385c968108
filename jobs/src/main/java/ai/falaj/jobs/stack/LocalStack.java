package ai.falaj.jobs.stack;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Broker, registry and Flink on this machine, started together and stopped together.
 *
 * <p>Start: the state folder is locked, the ports are settled, broker and registry come up side by
 * side, the topics are made, Flink comes up, {@code stack.json} tells the others. If one step
 * fails, what is up is stopped again. Stop: the same backwards, once, by {@link #close()} or by a
 * shutdown hook, whichever comes first; children also end by themselves with this process (see the
 * package).
 *
 * <p>Any thread.
 */
public final class LocalStack implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);

  /** What has been started, latest first; its monitor also guards {@link #stopped}. */
  private final Deque<Part> parts = new ArrayDeque<>();

  private final Object stopMutex = new Object();
  private final LocalStackOptions options;
  private final Thread hook = new Thread(this::stopParts, "falaj-stack-stop");
  private final CompletableFuture<StackException> failure = new CompletableFuture<>();
  private LocalKafka kafka;
  private LocalRegistry registry;
  private LocalFlink flink;
  private boolean stopped;

  private LocalStack(LocalStackOptions options) {
    this.options = options;
  }

  private record Part(String name, Runnable stop) {}

  /**
   * Starts all of it and waits until all of it answers.
   *
   * @throws StackException when another stack holds the state folder, a port is taken, or a part
   *     does not come up; nothing is left running then
   */
  public static LocalStack start(LocalStackOptions options) {
    LocalStack stack = new LocalStack(options);
    Runtime.getRuntime().addShutdownHook(stack.hook);
    try {
      stack.startParts();
      return stack;
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private void startParts() {
    Path state = options.stateDirectory();
    StackLock lock = StackLock.acquire(state);
    push("lock", lock::close);
    StackPorts ports = options.ports().settled();
    ExecutorService starters = Executors.newFixedThreadPool(2, LocalStack::starterThread);
    try {
      CompletableFuture<LocalKafka> kafkaStart =
          CompletableFuture.supplyAsync(timed("Kafka", () -> startKafka(ports)), starters);
      CompletableFuture<LocalRegistry> registryStart =
          CompletableFuture.supplyAsync(
              timed("Schema registry", () -> startRegistry(ports)), starters);
      kafka = joined(kafkaStart, registryStart);
      registry = joined(registryStart, kafkaStart);
    } finally {
      starters.shutdown();
    }
    flink =
        timed(
                "Flink",
                () ->
                    LocalFlink.start(
                        state.resolve("flink"), ports.flink(), options.slots(), options.flink()))
            .get();
    push("Flink", flink::close);
    kafka.ended().thenAccept(this::reportFailure);
    registry.ended().thenAccept(this::reportFailure);
    description().writeTo(state);
    push("stack.json", () -> StackDescription.delete(state));
  }

  private LocalKafka startKafka(StackPorts ports) {
    LocalKafka started =
        LocalKafka.start(
            options.home(),
            options.stateDirectory().resolve("kafka"),
            options.logDirectory().resolve("kafka.log"),
            ports.kafka());
    push("Kafka", started::close);
    LocalTopics.create(started.bootstrapServers(), options.topics(), options.partitions());
    return started;
  }

  private LocalRegistry startRegistry(StackPorts ports) {
    LocalRegistry started =
        LocalRegistry.start(
            options.home(),
            options.stateDirectory().resolve("registry"),
            options.logDirectory().resolve("registry.log"),
            ports.registry());
    push("Schema registry", started::close);
    return started;
  }

  /** The result of the one, after both have ended: a failure then stops both. */
  private static <T> T joined(CompletableFuture<T> wanted, CompletableFuture<?> other) {
    try {
      CompletableFuture.allOf(wanted, other).join();
      return wanted.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private <T> Supplier<T> timed(String name, Supplier<T> start) {
    return () -> {
      long startedNanos = System.nanoTime();
      T part = start.get();
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
      options.progress().accept(String.format(Locale.ROOT, "%s is up (%.1f s)", name, seconds));
      return part;
    };
  }

  private static Thread starterThread(Runnable body) {
    Thread thread = new Thread(body, "falaj-stack-start");
    thread.setDaemon(true);
    return thread;
  }

  private void push(String name, Runnable stop) {
    synchronized (parts) {
      if (!stopped) {
        parts.push(new Part(name, stop));
        return;
      }
    }
    stop.run(); // came up while the others were being stopped
  }

  private void reportFailure(StackException reason) {
    synchronized (parts) {
      if (stopped) {
        return;
      }
    }
    failure.complete(reason);
  }

  /** Completes with the reason when a part ends that nobody stopped. */
  public CompletableFuture<StackException> failure() {
    return failure;
  }

  public LocalKafka kafka() {
    return kafka;
  }

  public LocalRegistry registry() {
    return registry;
  }

  public LocalFlink flink() {
    return flink;
  }

  /** What {@code stack.json} says. */
  public StackDescription description() {
    return StackDescription.ofThisProcess(
        kafka.bootstrapServers(), registry.url(), flink.url().toString());
  }

  /** Stops everything, latest first. Returns when all has ended; calling it again does nothing. */
  @Override
  public void close() {
    stopParts();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The JVM is shutting down: the hook runs anyway and finds nothing to do");
    }
  }

  /** Every part is stopped even when another fails to. A second caller waits for the first. */
  private void stopParts() {
    synchronized (stopMutex) {
      stopTakenParts();
    }
  }

  private void stopTakenParts() {
    List<Part> toStop;
    synchronized (parts) {
      stopped = true;
      toStop = List.copyOf(parts);
      parts.clear();
    }
    if (flink != null && !toStop.isEmpty()) {
      options.progress().accept("Stopping the local stack");
    }
    for (Part part : toStop) {
      try {
        part.stop().run();
      } catch (RuntimeException e) {
        LOG.error("{} could not be stopped", part.name(), e);
      }
    }
  }
}
