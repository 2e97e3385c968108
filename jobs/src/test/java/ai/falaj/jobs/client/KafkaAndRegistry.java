package ai.falaj.jobs.client;

import ai.falaj.jobs.stack.LocalKafka;
import ai.falaj.jobs.stack.LocalRegistry;
import ai.falaj.jobs.stack.LocalTopics;
import ai.falaj.jobs.stack.Ports;
import ai.falaj.schemas.registry.RegistryConfig;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A real broker and a real registry of a test. */
public final class KafkaAndRegistry implements AutoCloseable {

  private static final int PARTITIONS = 2;

  private final LocalKafka kafka;
  private final LocalRegistry registry;

  private KafkaAndRegistry(LocalKafka kafka, LocalRegistry registry) {
    this.kafka = kafka;
    this.registry = registry;
  }

  /** Starts both, side by side; their files and logs are in the directory. */
  public static KafkaAndRegistry start(Path directory) {
    Path home = Path.of(System.getProperty("falaj.home"));
    CompletableFuture<LocalRegistry> registry =
        CompletableFuture.supplyAsync(
            () ->
                LocalRegistry.start(
                    home,
                    directory.resolve("registry"),
                    directory.resolve("registry.log"),
                    Ports.unused()));
    LocalKafka kafka =
        LocalKafka.start(
            home, directory.resolve("kafka"), directory.resolve("kafka.log"), Ports.unused());
    return new KafkaAndRegistry(kafka, registry.join());
  }

  /** Where clients connect. */
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** Of the registry's Confluent API. */
  public String registryUrl() {
    return registry.url();
  }

  /** Topics of their own for one test. */
  public Connection topics(String prefix) {
    Map<RecordKind, String> topics = new EnumMap<>(RecordKind.class);
    for (RecordKind kind : RecordKind.values()) {
      topics.put(kind, prefix + "." + kind);
    }
    LocalTopics.create(bootstrapServers(), List.copyOf(topics.values()), PARTITIONS);
    return new Connection(bootstrapServers(), RegistryConfig.of(registryUrl()), Map.of(), topics);
  }

  /** The options that name all of it. */
  public static List<String> options(Connection connection) {
    return List.of(
        "--bootstrap", connection.bootstrapServers(),
        "--registry", connection.registry().displayUrls(),
        "--prompts-topic", connection.topic(RecordKind.PROMPTS),
        "--chunks-topic", connection.topic(RecordKind.CHUNKS),
        "--completions-topic", connection.topic(RecordKind.COMPLETIONS),
        "--dead-letters-topic", connection.topic(RecordKind.DEAD_LETTERS),
        "--traces-topic", connection.topic(RecordKind.TRACES));
  }

  @Override
  public void close() {
    kafka.close();
    registry.close();
  }
}
