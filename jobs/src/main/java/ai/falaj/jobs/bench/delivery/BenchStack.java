package ai.falaj.jobs.bench.delivery;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.stack.LocalStack;
import ai.falaj.jobs.stack.LocalStackOptions;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.StackPorts;
import ai.falaj.jobs.submit.FlinkRestClient;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.WebOptions;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * A local stack for one benchmark: ports that the system chooses, state in a folder of its own that
 * goes with it, so that it stands beside any other stack. Topics take the broker's time of the
 * append as the time of a record.
 *
 * <p>Confined to one thread, but for what it hands out.
 */
final class BenchStack implements AutoCloseable {

  /** More than a benchmark makes: none is forgotten before it was looked at. */
  private static final int CHECKPOINT_HISTORY = 10_000;

  private final Path directory;
  private final LocalStack stack;
  private final Admin admin;
  private final SchemaRegistry registry;
  private final FlinkRestClient flink;

  private BenchStack(Path directory, LocalStack stack) {
    this.directory = directory;
    this.stack = stack;
    Properties properties = new Properties();
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers());
    this.admin = Admin.create(properties);
    this.registry = new ConfluentSchemaRegistry(RegistryConfig.of(stack.registry().url()));
    this.flink = new FlinkRestClient(stack.flink().url());
  }

  /**
   * Starts broker, registry and Flink.
   *
   * @param home root of the installation
   * @param progress told one line per part
   */
  static BenchStack start(Path home, int slots, Consumer<String> progress) throws IOException {
    Configuration flink = new Configuration();
    flink.set(WebOptions.CHECKPOINTS_HISTORY_SIZE, CHECKPOINT_HISTORY);
    Path directory = Files.createTempDirectory("falaj-bench-");
    LocalStackOptions options =
        LocalStackOptions.in(home, directory.resolve("state"), directory.resolve("logs"))
            .withPorts(StackPorts.EPHEMERAL)
            .withSlots(slots)
            .withFlink(flink)
            .withProgress(progress);
    return new BenchStack(directory, LocalStack.start(options));
  }

  /**
   * Makes topics of one name space, and a connection that uses them.
   *
   * @param prefix of their names
   * @param kinds to make; the connection knows all others under their default names
   */
  Connection topics(String prefix, int partitions, Collection<RecordKind> kinds)
      throws InterruptedException {
    Map<RecordKind, String> names = new EnumMap<>(RecordKind.class);
    kinds.forEach(kind -> names.put(kind, prefix + "." + kind));
    LocalTopics.create(stack.kafka().bootstrapServers(), List.copyOf(names.values()), partitions);
    AlterConfigOp appendTime =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"),
            AlterConfigOp.OpType.SET);
    Map<ConfigResource, Collection<AlterConfigOp>> changes =
        names.values().stream()
            .collect(
                Collectors.toMap(
                    topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    topic -> List.of(appendTime)));
    try {
      admin.incrementalAlterConfigs(changes).all().get();
    } catch (ExecutionException e) {
      throw CliException.failure(
          "the broker refuses append times: " + e.getCause().getMessage(), "see its log", e);
    }
    return new Connection(
        stack.kafka().bootstrapServers(),
        RegistryConfig.of(stack.registry().url()),
        Map.of(),
        names);
  }

  /** Deletes topics that are read no more. */
  void delete(Connection connection, Collection<RecordKind> kinds) {
    admin.deleteTopics(kinds.stream().map(connection::topic).toList());
  }

  SchemaRegistry registry() {
    return registry;
  }

  Admin admin() {
    return admin;
  }

  LocalStack parts() {
    return stack;
  }

  FlinkRestClient flink() {
    return flink;
  }

  @Override
  public void close() {
    registry.close();
    admin.close();
    stack.close();
    try (Stream<Path> left = Files.walk(directory)) {
      left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " cannot be deleted", e);
    }
  }
}
