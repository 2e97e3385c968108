package ai.falaj.jobs.stack;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/**
 * A real Kafka broker on this machine: one process, broker and controller in one (KRaft), an empty
 * data folder that goes with it. Its jars are those of {@code jobs/local-stack/kafka} and never on
 * this JVM's class path, since the broker is of a newer release than the job's client may be.
 *
 * <p>It can be killed, paused and started again on the same data and port, for those who want to
 * see what its clients do then.
 *
 * <p>Any thread, but {@link #kill()}, {@link #pauseFor} and {@link #restart()} are the business of
 * one. After {@link #close()} the process and its data are gone.
 */
public final class LocalKafka implements AutoCloseable {

  private static final Duration FORMAT_LIMIT = Duration.ofSeconds(30);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final int ANSWER_MS = 2_000;
  private static final String PROPERTIES_FILE = "server.properties";
  private static final String LOGGING_FILE = "log4j2.properties";

  private final Path libraries;
  private final Path directory;
  private final Path log;
  private final String bootstrapServers;
  private volatile ChildProcess broker;
  private int starts;

  private LocalKafka(Path libraries, Path directory, Path log, String bootstrapServers) {
    this.libraries = libraries;
    this.directory = directory;
    this.log = log;
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * Starts a broker and waits until it answers.
   *
   * @param home root of the installation, which holds the broker's jars
   * @param directory made empty; configuration and data go there
   * @param log where the broker's output goes
   * @param port port to listen on, known to be free
   * @throws StackException when its jars are missing or it does not come up
   */
  public static LocalKafka start(Path home, Path directory, Path log, int port) {
    return start(home, directory, log, port, List.of(), Map.of());
  }

  /**
   * The same with listeners that ask who is there, beside the one on {@code port}, which does not.
   *
   * @param listeners beside the one without encryption
   * @param users passwords by name, known to listeners with SCRAM-SHA-512
   */
  public static LocalKafka start(
      Path home,
      Path directory,
      Path log,
      int port,
      List<BrokerListener> listeners,
      Map<String, String> users) {
    Path libraries = home.resolve("jobs/local-stack/kafka/target/lib");
    if (!Files.isDirectory(libraries)) {
      throw StackException.prerequisite(
          "the broker's jars are not in " + libraries, "build them with mvn -DskipTests package");
    }
    Directories.empty(directory);
    String bootstrapServers = Ports.HOST + ":" + port;
    Path properties = directory.resolve(PROPERTIES_FILE);
    Path logging = directory.resolve(LOGGING_FILE);
    write(
        properties,
        BrokerConfiguration.serverProperties(directory.resolve("data"), port, listeners));
    write(logging, BrokerConfiguration.LOGGING);
    ChildProcess.runToEnd(
        command(
            libraries,
            directory,
            log,
            logging,
            "kafka.tools.StorageTool",
            formatArguments(properties, users)),
        FORMAT_LIMIT);
    LocalKafka kafka = new LocalKafka(libraries, directory, log, bootstrapServers);
    try {
      kafka.restart();
      return kafka;
    } catch (RuntimeException e) {
      kafka.close();
      throw e;
    }
  }

  private static List<String> formatArguments(Path properties, Map<String, String> users) {
    List<String> arguments =
        new ArrayList<>(
            List.of("format", "-t", Uuid.randomUuid().toString(), "-c", properties.toString()));
    users.forEach(
        (name, password) ->
            arguments.addAll(
                List.of(
                    "--add-scram", "SCRAM-SHA-512=[name=" + name + ",password=" + password + "]")));
    return arguments;
  }

  /** Ends the broker as {@code kill -9} does; its data stays. */
  public void kill() {
    broker.kill();
  }

  /** Stops the broker in its tracks and returns when it goes on. */
  public void pauseFor(Duration pause) throws InterruptedException {
    broker.pauseFor(pause);
  }

  /**
   * Starts the broker, which must not run, on the data that is there, and waits until it answers.
   * Each start but the first writes a log of its own: {@code kafka-2.log} beside {@code kafka.log}.
   */
  public void restart() {
    starts++;
    Path ownLog = starts == 1 ? log : numbered(log, starts);
    broker =
        ChildProcess.start(
            command(
                libraries,
                directory,
                ownLog,
                directory.resolve(LOGGING_FILE),
                "kafka.Kafka",
                List.of(directory.resolve(PROPERTIES_FILE).toString())));
    awaitReady();
  }

  private static Path numbered(Path log, int number) {
    return log.resolveSibling(
        log.getFileName().toString().replaceFirst("(\\.log)?$", "-" + number + ".log"));
  }

  private static ChildProcess.Command command(
      Path libraries,
      Path directory,
      Path log,
      Path logging,
      String mainClass,
      List<String> arguments) {
    return new ChildProcess.Command(
        "Kafka",
        directory,
        log,
        Map.of(),
        List.of(
            "-Xmx512m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.io.tmpdir=" + directory,
            "-Dlog4j2.configurationFile=" + logging),
        libraries + File.separator + "*",
        mainClass,
        arguments);
  }

  private static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw StackException.failure(
          file + " cannot be written: " + e.getMessage(), "make its folder writable", e);
    }
  }

  private void awaitReady() {
    broker.awaitReady(() -> !Ports.isFree(port()), START_LIMIT);
    Properties properties = new Properties();
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    try (Admin admin = Admin.create(properties)) {
      broker.awaitReady(() -> hasNodes(admin), START_LIMIT);
    }
  }

  private static boolean hasNodes(Admin admin) throws InterruptedException {
    try {
      return !admin.describeCluster().nodes().get(ANSWER_MS, TimeUnit.MILLISECONDS).isEmpty();
    } catch (ExecutionException | TimeoutException e) {
      return false; // not yet
    }
  }

  /** Where clients connect. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** The port it listens on. */
  public int port() {
    return Integer.parseInt(bootstrapServers.substring(bootstrapServers.lastIndexOf(':') + 1));
  }

  /** Process id of the broker. */
  public long pid() {
    return broker.pid();
  }

  /** Completes with the reason when the broker ends, also when {@link #close()} ended it. */
  CompletableFuture<StackException> ended() {
    return broker.onExit().thenApply(p -> broker.failure("ended with exit code " + p.exitValue()));
  }

  /** Stops the broker in good order and deletes its data. */
  @Override
  public void close() {
    if (broker != null) {
      broker.close();
    }
    Directories.delete(directory);
  }
}
