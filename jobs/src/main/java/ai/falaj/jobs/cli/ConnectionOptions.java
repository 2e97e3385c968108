package ai.falaj.jobs.cli;

import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.RecordKind;
import ai.falaj.jobs.stack.StackDescription;
import ai.falaj.schemas.registry.RegistryConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Option;

/**
 * Options of the commands that talk to a broker and a registry. Each address comes from the first
 * of these that has one: its own option, {@code -X}, {@code --config}, the running local stack, the
 * local stack's default.
 */
public class ConnectionOptions {

  private static final String DEFAULT_BOOTSTRAP = "localhost:9092";
  private static final String DEFAULT_REGISTRY = "http://localhost:8082/apis/ccompat/v7";

  @Option(
      names = {"--bootstrap", "--bootstrap-servers"},
      paramLabel = "HOST:PORT",
      description = "Kafka to use (default: the running local stack's, or localhost:9092).")
  private String bootstrap;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "Schema registry to use (default: the running local stack's).")
  private String registry;

  @Option(
      names = "-X",
      paramLabel = "KEY=VALUE",
      description = "A setting of the Kafka or registry client, as often as needed.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Properties file with such settings; -X wins over it.")
  private Path configFile;

  @Option(names = "--prompts-topic", paramLabel = "TOPIC", description = "Default: falaj.prompts.")
  private String promptsTopic;

  @Option(names = "--chunks-topic", paramLabel = "TOPIC", description = "Default: falaj.chunks.")
  private String chunksTopic;

  @Option(
      names = "--completions-topic",
      paramLabel = "TOPIC",
      description = "Default: falaj.completions.")
  private String completionsTopic;

  @Option(
      names = "--dead-letters-topic",
      paramLabel = "TOPIC",
      description = "Default: falaj.dead-letters.")
  private String deadLettersTopic;

  @Option(names = "--traces-topic", paramLabel = "TOPIC", description = "Default: falaj.traces.")
  private String tracesTopic;

  /** Whether a broker was named, on the command line or in a file. */
  public final boolean namesBroker() {
    return bootstrap != null
        || settings.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
        || configFile != null;
  }

  /**
   * What to connect to. Nothing is connected yet.
   *
   * @param stateDirectory of the local stack whose addresses are the default
   * @throws CliException where the settings file cannot be read or an address is malformed
   */
  public final Connection resolve(Path stateDirectory) {
    Map<String, String> all = new LinkedHashMap<>();
    Optional<StackDescription> running = StackDescription.running(stateDirectory);
    all.put(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
        running.map(StackDescription::bootstrapServers).orElse(DEFAULT_BOOTSTRAP));
    all.put(
        RegistryConfig.URL,
        running.map(StackDescription::schemaRegistryUrl).orElse(DEFAULT_REGISTRY));
    all.putAll(fileSettings());
    all.putAll(settings);
    Optional.ofNullable(bootstrap)
        .ifPresent(value -> all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, value));
    Optional.ofNullable(registry).ifPresent(value -> all.put(RegistryConfig.URL, value));
    try {
      return new Connection(
          all.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG),
          RegistryConfig.fromProperties(all),
          all,
          topics());
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage(), "correct --registry, -X or --config", e);
    }
  }

  private Map<String, String> fileSettings() {
    if (configFile == null) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(configFile)) {
      properties.load(reader);
    } catch (IOException e) {
      throw CliException.usage(
          configFile + " cannot be read: " + e.getMessage(), "correct --config", e);
    }
    Map<String, String> found = new LinkedHashMap<>();
    properties.stringPropertyNames().forEach(name -> found.put(name, properties.getProperty(name)));
    return found;
  }

  private Map<RecordKind, String> topics() {
    Map<RecordKind, String> topics = new EnumMap<>(RecordKind.class);
    putIfGiven(topics, RecordKind.PROMPTS, promptsTopic);
    putIfGiven(topics, RecordKind.CHUNKS, chunksTopic);
    putIfGiven(topics, RecordKind.COMPLETIONS, completionsTopic);
    putIfGiven(topics, RecordKind.DEAD_LETTERS, deadLettersTopic);
    putIfGiven(topics, RecordKind.TRACES, tracesTopic);
    return topics;
  }

  private static void putIfGiven(Map<RecordKind, String> topics, RecordKind kind, String topic) {
    if (topic != null) {
      topics.put(kind, topic);
    }
  }
}
