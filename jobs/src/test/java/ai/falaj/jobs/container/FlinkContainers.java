package ai.falaj.jobs.container;

import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.jobs.submit.FlinkRestException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.lifecycle.Startables;

/**
 * A session cluster of our image: a JobManager and TaskManagers with a slot each, as users without
 * privileges on read-only root file systems. Checkpoints and savepoints are on a volume that
 * outlives the cluster. Used by one thread.
 */
final class FlinkContainers implements AutoCloseable {

  static final int TASK_MANAGERS = 2;
  static final String STATE = "/var/lib/flink";

  private static final int REST_PORT = 8081;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final long TICK_MS = 200;
  private static final Map<String, String> TMPFS =
      Map.of(
          "/tmp", "exec,mode=1777",
          "/opt/flink/conf", "uid=9999,gid=9999",
          "/opt/flink/log", "uid=9999,gid=9999");

  /** Small, quick to notice that a TaskManager is gone, and never giving up. */
  private static final String PROPERTIES =
      """
      jobmanager.rpc.address: jobmanager
      jobmanager.memory.process.size: 800m
      taskmanager.memory.process.size: 1g
      taskmanager.memory.task.off-heap.size: 192m
      taskmanager.memory.managed.size: 8m
      taskmanager.memory.network.min: 32m
      taskmanager.memory.network.max: 32m
      taskmanager.numberOfTaskSlots: 1
      taskmanager.network.memory.buffer-debloat.enabled: true
      heartbeat.interval: 2000
      heartbeat.timeout: 8000
      restart-strategy.type: fixed-delay
      restart-strategy.fixed-delay.attempts: 2147483647
      restart-strategy.fixed-delay.delay: 500ms
      execution.checkpointing.dir: file:///var/lib/flink/checkpoints
      """;

  private final GenericContainer<?> jobManager;
  private final List<GenericContainer<?>> taskManagers = new ArrayList<>();
  private final String stateVolume;
  private final Map<String, String> models;

  /**
   * @param stateVolume name of the volume for checkpoints and savepoints
   * @param models files of this machine by their path in the TaskManagers
   */
  FlinkContainers(Network network, String stateVolume, Map<String, String> models) {
    this.stateVolume = stateVolume;
    this.models = models;
    jobManager =
        server(network, "jobmanager", "jobmanager")
            .withExposedPorts(REST_PORT)
            .waitingFor(
                Wait.forHttp("/overview").forPort(REST_PORT).withStartupTimeout(START_LIMIT));
    for (int number = 1; number <= TASK_MANAGERS; number++) {
      taskManagers.add(server(network, "taskmanager", "taskmanager-" + number));
    }
  }

  private GenericContainer<?> server(Network network, String role, String alias) {
    return Docker.container(Docker.image("falaj-flink"))
        .withNetwork(network)
        .withNetworkAliases(alias)
        .withEnv("JOB_MANAGER_RPC_ADDRESS", "jobmanager")
        .withEnv("FLINK_PROPERTIES", PROPERTIES)
        // The JIT's second tier costs more on two cores than it brings in a minute.
        .withEnv("FLINK_ENV_JAVA_OPTS", "-XX:TieredStopAtLevel=1")
        .withCommand(role)
        .withCreateContainerCmdModifier(
            command -> {
              Docker.harden(command, TMPFS);
              command.getHostConfig().withBinds(binds());
            });
  }

  private List<Bind> binds() {
    List<Bind> binds = new ArrayList<>();
    binds.add(new Bind(stateVolume, new Volume(STATE), AccessMode.rw));
    models.forEach((path, file) -> binds.add(new Bind(file, new Volume(path), AccessMode.ro)));
    return binds;
  }

  /** Returns when the JobManager has all TaskManagers. */
  void start() throws InterruptedException {
    jobManager.start();
    Startables.deepStart(taskManagers).join();
    await("all TaskManagers", () -> rest().registeredTaskManagers() == TASK_MANAGERS);
  }

  List<GenericContainer<?>> taskManagers() {
    return List.copyOf(taskManagers);
  }

  GenericContainer<?> jobManager() {
    return jobManager;
  }

  URI url() {
    return URI.create("http://" + jobManager.getHost() + ":" + jobManager.getMappedPort(REST_PORT));
  }

  FlinkRestClient rest() {
    return new FlinkRestClient(url());
  }

  /** Returns when every task of the job runs, so when each TaskManager has the model. */
  void awaitRunning(String jobId) throws InterruptedException {
    await("job " + jobId, () -> rest().areAllTasksRunning(jobId));
  }

  private interface Condition {
    boolean holds() throws InterruptedException;
  }

  private void await(String what, Condition condition) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + START_LIMIT.toNanos();
    while (!holds(condition)) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new AssertionError("no " + what + " within " + START_LIMIT + "\n" + logs());
      }
      Thread.sleep(TICK_MS);
    }
  }

  private static boolean holds(Condition condition) throws InterruptedException {
    try {
      return condition.holds();
    } catch (FlinkRestException e) {
      return false; // not up yet
    }
  }

  /** The end of each server's log. */
  String logs() {
    StringBuilder all = new StringBuilder();
    Stream.concat(Stream.of(jobManager), taskManagers.stream())
        .filter(server -> server.getContainerId() != null)
        .forEach(
            server -> {
              List<String> lines = server.getLogs().lines().toList();
              all.append("--- ").append(server.getNetworkAliases()).append('\n');
              lines.stream()
                  .skip(Math.max(0, lines.size() - 40))
                  .forEach(line -> all.append(line).append('\n'));
            });
    return all.toString();
  }

  @Override
  public void close() {
    taskManagers.parallelStream().forEach(GenericContainer::stop);
    jobManager.stop();
  }
}
