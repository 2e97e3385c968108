package ai.falaj.jobs.stack;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Configuration of the local broker: one node that is broker and controller. */
final class BrokerConfiguration {

  /** Everything to standard output, which is the log file. */
  static final String LOGGING =
      """
      status = error
      appender.stdout.type = Console
      appender.stdout.name = stdout
      appender.stdout.layout.type = PatternLayout
      appender.stdout.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n
      rootLogger.level = info
      rootLogger.appenderRef.stdout.ref = stdout
      # The whole configuration, several times at each start.
      logger.configs.name = org.apache.kafka.common.config
      logger.configs.level = warn
      """;

  private static final String NODE_ID = "1";

  private BrokerConfiguration() {}

  /**
   * The broker's properties file. Replication and in-sync minimum are 1 everywhere, since there is
   * one node; consumer groups do not wait for members, since nobody else is coming.
   */
  static String serverProperties(Path data, int port) {
    int controllerPort = Ports.unused();
    Map<String, String> properties = new TreeMap<>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", NODE_ID);
    properties.put("controller.quorum.voters", NODE_ID + "@" + Ports.HOST + ":" + controllerPort);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put(
        "listeners",
        "PLAINTEXT://"
            + Ports.HOST
            + ":"
            + port
            + ",CONTROLLER://"
            + Ports.HOST
            + ":"
            + controllerPort);
    properties.put("advertised.listeners", "PLAINTEXT://" + Ports.HOST + ":" + port);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    // As a value of a properties file: a backslash would escape what follows.
    properties.put("log.dirs", data.toString().replace("\\", "/"));
    properties.put("auto.create.topics.enable", "false");
    properties.put("default.replication.factor", "1");
    properties.put("min.insync.replicas", "1");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "4");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", "4");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "4");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("log.cleaner.dedupe.buffer.size", "8388608");
    return properties.entrySet().stream()
        .map(property -> property.getKey() + "=" + property.getValue())
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
