package ai.falaj.jobs.stack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
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
   *
   * @param port of the listener without encryption, which the broker itself uses too
   * @param more listeners beside it
   */
  static String serverProperties(Path data, int port, List<BrokerListener> more) {
    List<BrokerListener> forClients = new ArrayList<>();
    forClients.add(new BrokerListener("PLAINTEXT", "PLAINTEXT", port, Map.of()));
    forClients.addAll(more);
    BrokerListener controller =
        new BrokerListener("CONTROLLER", "PLAINTEXT", Ports.unused(), Map.of());
    List<BrokerListener> all = new ArrayList<>(forClients);
    all.add(controller);

    Map<String, String> properties = new TreeMap<>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", NODE_ID);
    properties.put(
        "controller.quorum.voters", NODE_ID + "@" + Ports.HOST + ":" + controller.port());
    properties.put("controller.listener.names", controller.name());
    properties.put("listeners", joined(all, BrokerListener::address));
    properties.put("advertised.listeners", joined(forClients, BrokerListener::address));
    properties.put(
        "listener.security.protocol.map",
        joined(all, listener -> listener.name() + ":" + listener.protocol()));
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    for (BrokerListener listener : more) {
      String prefix = "listener.name." + listener.name().toLowerCase(Locale.ROOT) + ".";
      listener.settings().forEach((name, value) -> properties.put(prefix + name, escaped(value)));
    }
    properties.put("log.dirs", escaped(data.toString()));
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

  private static String joined(
      List<BrokerListener> listeners, Function<BrokerListener, String> part) {
    return listeners.stream().map(part).collect(Collectors.joining(","));
  }

  /** As a value of a properties file, where a backslash would escape what follows. */
  private static String escaped(String value) {
    return value.replace("\\", "\\\\");
  }
}
