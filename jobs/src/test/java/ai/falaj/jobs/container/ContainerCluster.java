package ai.falaj.jobs.container;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.schemas.registry.RegistryConfig;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.lifecycle.Startables;

/**
 * A broker, a registry and a Flink cluster in containers. Broker and registry have two networks:
 * this machine reaches them by a published port of the first, Flink by a name in the second, which
 * can be taken away without the test losing sight of them. Used by one thread; {@link #close()}
 * leaves nothing behind.
 */
final class ContainerCluster implements AutoCloseable {

  /** As containers reach them. */
  static final String INNER_BOOTSTRAP = "kafka:29092";

  static final String INNER_REGISTRY = "http://registry:8080/apis/ccompat/v7";

  private static final int KAFKA_PORT = 9092;
  private static final int REGISTRY_PORT = 8080;
  private static final int PARTITIONS = 4;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Network network = Network.newNetwork();
  private final String stateVolume = "falaj-it-" + UUID.randomUUID();
  private final Map<String, String> models;
  private final int kafkaHostPort = Ports.unused();
  private final int registryHostPort = Ports.unused();
  private final GenericContainer<?> kafka = kafka();
  private final GenericContainer<?> registry = registry();
  private FlinkContainers flink;

  private ContainerCluster(Map<String, String> models) {
    this.models = models;
  }

  /**
   * Starts all of it and returns when all of it answers.
   *
   * @param models files of this machine by their path in the Flink containers
   */
  static ContainerCluster start(Map<String, String> models) throws InterruptedException {
    ContainerCluster cluster = new ContainerCluster(models);
    try {
      Startables.deepStart(cluster.kafka, cluster.registry).join();
      cluster.connectBroker();
      cluster.connectRegistry();
      cluster.startFlink();
      return cluster;
    } catch (RuntimeException | Error | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private GenericContainer<?> kafka() {
    return Docker.container(Docker.setting("KAFKA_IMAGE"))
        .withEnv("KAFKA_NODE_ID", "1")
        .withEnv("KAFKA_PROCESS_ROLES", "broker,controller")
        .withEnv(
            "KAFKA_LISTENERS", "HOST://:9092,NETWORK://:29092,ITSELF://:19092,CONTROLLER://:9093")
        .withEnv(
            "KAFKA_ADVERTISED_LISTENERS",
            "HOST://%s:%d,NETWORK://%s,ITSELF://localhost:19092"
                .formatted(Ports.HOST, kafkaHostPort, INNER_BOOTSTRAP))
        .withEnv(
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
            "HOST:PLAINTEXT,NETWORK:PLAINTEXT,ITSELF:PLAINTEXT,CONTROLLER:PLAINTEXT")
        // Transactions end by a message of the broker to itself, whatever network is cut.
        .withEnv("KAFKA_INTER_BROKER_LISTENER_NAME", "ITSELF")
        .withEnv("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
        .withEnv("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
        .withEnv("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
        .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
        .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
        .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
        .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
        .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
        .withCreateContainerCmdModifier(
            command -> Docker.publish(command, KAFKA_PORT, kafkaHostPort))
        .waitingFor(
            Wait.forLogMessage(".*Kafka Server started.*\\n", 1).withStartupTimeout(START_LIMIT));
  }

  private GenericContainer<?> registry() {
    return Docker.container(Docker.setting("REGISTRY_IMAGE"))
        .withEnv("QUARKUS_HTTP_PORT", Integer.toString(REGISTRY_PORT))
        .withEnv("REGISTRY_RULES_GLOBAL_COMPATIBILITY", "BACKWARD")
        .withCreateContainerCmdModifier(
            command -> Docker.publish(command, REGISTRY_PORT, registryHostPort))
        .waitingFor(Wait.forLogMessage(".*Listening on: .*\\n", 1).withStartupTimeout(START_LIMIT));
  }

  private void startFlink() throws InterruptedException {
    flink = new FlinkContainers(network, stateVolume, models);
    flink.start();
  }

  /** Takes all Flink containers away and starts new ones, with the same volume. */
  void replaceFlink() throws InterruptedException {
    flink.close();
    startFlink();
  }

  FlinkContainers flink() {
    return flink;
  }

  /** Flink loses the broker; this machine does not. */
  void cutBroker() {
    Docker.leave(kafka, network);
  }

  void connectBroker() {
    Docker.join(kafka, network, "kafka");
  }

  /** Flink loses the registry; this machine does not. */
  void cutRegistry() {
    Docker.leave(registry, network);
  }

  void connectRegistry() {
    Docker.join(registry, network, "registry");
  }

  /** New topics, as this machine reaches them. */
  Connection topics(String prefix) {
    Map<RecordKind, String> topics = new EnumMap<>(RecordKind.class);
    for (RecordKind kind : RecordKind.values()) {
      topics.put(kind, prefix + "." + kind);
    }
    String bootstrap = Ports.HOST + ":" + kafkaHostPort;
    LocalTopics.create(bootstrap, List.copyOf(topics.values()), PARTITIONS);
    String url = "http://" + Ports.HOST + ":" + registryHostPort + "/apis/ccompat/v7";
    return new Connection(bootstrap, RegistryConfig.of(url), Map.of(), topics);
  }

  @Override
  public void close() {
    if (flink != null) {
      flink.close();
    }
    registry.stop();
    kafka.stop();
    network.close();
    Docker.removeVolume(stateVolume);
  }
}
