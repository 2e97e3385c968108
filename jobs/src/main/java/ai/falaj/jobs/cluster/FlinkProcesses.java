package ai.falaj.jobs.cluster;

import ai.falaj.jobs.stack.ChildProcess;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.jobs.stack.StackException;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.jobs.submit.FlinkRestException;
import ai.falaj.runtime.files.FileTrees;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Flink as processes of their own: ZooKeeper, one JobManager, TaskManagers with one slot each. They
 * run from this JVM's class path, so a job needs no jar: client, JobManager and TaskManagers know
 * its classes already, and a TaskManager's model outlives the job's restarts as it does from
 * Flink's {@code lib/}.
 *
 * <p>ZooKeeper keeps what the JobManager knows, so a job goes on after the JobManager was killed
 * and started again. The REST API keeps its port.
 *
 * <p>Any thread. {@link #close()} ends all processes; the folders are the caller's.
 */
public final class FlinkProcesses implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final String JOB_MANAGER =
      "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
  private static final String TASK_MANAGER =
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
  private static final String ZOO_KEEPER =
      "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer";

  /** What Flink's scripts open, as far as the JobManager and TaskManagers of this job need it. */
  private static final List<String> OPENED_PACKAGES =
      List.of(
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.time=ALL-UNNAMED");

  private final ClusterOptions options;
  private final Path directory;
  private final Path configuration;
  private final Path logging;
  private final URI url;
  private final ServerProcess zooKeeper;
  private final ServerProcess jobManager;
  private final List<ServerProcess> taskManagers = new ArrayList<>();

  private FlinkProcesses(ClusterOptions options, Path directory, int restPort, int zooKeeperPort) {
    this.options = options;
    this.directory = directory;
    this.url = URI.create("http://" + Ports.HOST + ":" + restPort);
    configuration = directory.resolve("conf");
    logging = configuration.resolve("log4j2.properties");
    Path zooKeeperFile = configuration.resolve("zoo.cfg");
    write(
        configuration.resolve("config.yaml"),
        FlinkConfiguration.yaml(
            FlinkConfiguration.of(options, directory, restPort, zooKeeperPort)));
    write(
        zooKeeperFile, FlinkConfiguration.zooKeeper(directory.resolve("zookeeper"), zooKeeperPort));
    write(logging, FlinkConfiguration.LOGGING);
    zooKeeper = new ServerProcess("ZooKeeper", start -> zooKeeperCommand(start, zooKeeperFile));
    jobManager = new ServerProcess("JobManager", this::jobManagerCommand);
    for (int index = 1; index <= options.taskManagers(); index++) {
      String name = "TaskManager " + index;
      taskManagers.add(new ServerProcess(name, start -> taskManagerCommand(name, start)));
    }
  }

  /**
   * Starts them and waits until the JobManager has all TaskManagers.
   *
   * @param directory exists and is empty; configuration, metadata, checkpoints, temporary files
   * @throws StackException when they do not come up; nothing is left running then
   */
  static FlinkProcesses start(ClusterOptions options, Path directory) {
    int restPort = Ports.unused();
    int zooKeeperPort = Ports.unused();
    FlinkProcesses flink = new FlinkProcesses(options, directory, restPort, zooKeeperPort);
    try {
      flink.zooKeeper.start();
      flink.zooKeeper.awaitReady(() -> !Ports.isFree(zooKeeperPort), START_LIMIT);
      flink.jobManager.start();
      flink.taskManagers.forEach(ServerProcess::start);
      flink.awaitTaskManagers();
      return flink;
    } catch (RuntimeException e) {
      flink.close();
      throw e;
    }
  }

  private void awaitTaskManagers() {
    FlinkRestClient rest = new FlinkRestClient(url);
    jobManager.awaitReady(() -> hasAllTaskManagers(rest), START_LIMIT);
  }

  private boolean hasAllTaskManagers(FlinkRestClient rest) throws InterruptedException {
    try {
      return rest.registeredTaskManagers() == taskManagers.size();
    } catch (FlinkRestException e) {
      return false; // not up yet, or up without a leader
    }
  }

  private ChildProcess.Command zooKeeperCommand(int start, Path configurationFile) {
    return command(
        "ZooKeeper",
        start,
        List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-Dzookeeper.forceSync=no"),
        ZOO_KEEPER,
        List.of("--zkConfigFile", configurationFile.toString(), "--peerId", "1"));
  }

  private ChildProcess.Command jobManagerCommand(int start) {
    return command(
        "JobManager",
        start,
        List.of("-Xmx320m", "-XX:TieredStopAtLevel=1"),
        JOB_MANAGER,
        flinkArguments("JobManager"));
  }

  private ChildProcess.Command taskManagerCommand(String name, int start) {
    ClusterOptions.TaskManagerSize size = options.taskManager();
    int heapMb = FlinkConfiguration.FRAMEWORK_HEAP_MB + size.taskHeapMb();
    int directMb =
        FlinkConfiguration.FRAMEWORK_OFF_HEAP_MB
            + FlinkConfiguration.NETWORK_MB
            + size.taskOffHeapMb();
    List<String> jvmOptions = new ArrayList<>();
    jvmOptions.add("-Xmx" + heapMb + "m");
    jvmOptions.add("-XX:MaxDirectMemorySize=" + directMb + "m");
    jvmOptions.addAll(size.jvmOptions());
    return command(name, start, jvmOptions, TASK_MANAGER, flinkArguments(name));
  }

  private List<String> flinkArguments(String name) {
    return List.of(
        "--configDir", configuration.toString(), "-Dio.tmp.dirs=" + temporaryFolder(name));
  }

  private Path temporaryFolder(String name) {
    return directory.resolve("tmp").resolve(fileName(name));
  }

  /** Its temporary files of the start before are deleted: each start leaves 23 MB of libraries. */
  private ChildProcess.Command command(
      String name, int start, List<String> jvmOptions, String mainClass, List<String> arguments) {
    Path temporary = temporaryFolder(name);
    try {
      FileTrees.delete(temporary);
      Files.createDirectories(temporary);
    } catch (IOException e) {
      throw new UncheckedIOException(temporary + " cannot be made empty", e);
    }
    List<String> common =
        List.of(
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.io.tmpdir=" + temporary,
            "-Dlog4j2.configurationFile=" + logging);
    return new ChildProcess.Command(
        name,
        temporary,
        options.logDirectory().resolve(fileName(name) + "-" + start + ".log"),
        Map.of(),
        Stream.of(common, OPENED_PACKAGES, jvmOptions).flatMap(List::stream).toList(),
        absoluteClassPath(),
        mainClass,
        arguments);
  }

  private static String fileName(String name) {
    return name.toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  /** The children work in other folders than this JVM. */
  private static String absoluteClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static void write(Path file, String content) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    } catch (IOException e) {
      throw StackException.failure(
          file + " cannot be written: " + e.getMessage(), "make its folder writable", e);
    }
  }

  /** Web UI and REST API, also of a JobManager that is started again. */
  public URI url() {
    return url;
  }

  public ServerProcess jobManager() {
    return jobManager;
  }

  public List<ServerProcess> taskManagers() {
    return List.copyOf(taskManagers);
  }

  /** An environment whose jobs run here, with the classes of this JVM's class path. */
  public StreamExecutionEnvironment environment(Configuration configuration) {
    return StreamExecutionEnvironment.createRemoteEnvironment(
        url.getHost(), url.getPort(), configuration);
  }

  /** How often a process ended although nobody killed it. */
  public int unexpectedEnds() {
    return Stream.concat(Stream.of(zooKeeper, jobManager), taskManagers.stream())
        .mapToInt(ServerProcess::unexpectedEnds)
        .sum();
  }

  /** Ends the processes side by side: each takes seconds, and none waits for another. */
  @Override
  public void close() {
    List<ServerProcess> flinks = new ArrayList<>(taskManagers);
    flinks.add(jobManager);
    flinks.parallelStream().forEach(ServerProcess::close);
    zooKeeper.close();
  }
}
