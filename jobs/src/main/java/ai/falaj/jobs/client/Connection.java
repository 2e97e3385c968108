package ai.falaj.jobs.client;

import ai.falaj.operators.kafka.access.SecretReferences;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.serde.RecordSerializer;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Which broker, registry and topics a client talks to. Immutable. {@link #toString()} shows no
 * secret.
 *
 * @param bootstrapServers of the broker
 * @param registry where schemas are
 * @param settings further settings of the Kafka clients, such as {@code security.protocol}
 * @param topics names of topics that are not the default ones
 */
public record Connection(
    String bootstrapServers,
    RegistryConfig registry,
    Map<String, String> settings,
    Map<RecordKind, String> topics) {

  public Connection {
    Objects.requireNonNull(bootstrapServers, "bootstrapServers");
    Objects.requireNonNull(registry, "registry");
    settings = Map.copyOf(settings);
    topics = Map.copyOf(topics);
  }

  /** The default topics of a broker that asks for no credentials. */
  public static Connection of(String bootstrapServers, String registryUrl) {
    return new Connection(
        bootstrapServers,
        RegistryConfig.of(registryUrl),
        Map.of(),
        new EnumMap<>(RecordKind.class));
  }

  /** The default names of all topics. */
  public static List<String> defaultTopics() {
    return Stream.of(RecordKind.values()).map(RecordKind::defaultTopic).toList();
  }

  /** Name of the topic that holds records of that kind. */
  public String topic(RecordKind kind) {
    return topics.getOrDefault(kind, kind.defaultTopic());
  }

  /** The same with another topic for records of that kind. */
  public Connection withTopic(RecordKind kind, String topic) {
    Map<RecordKind, String> changed = new HashMap<>(topics);
    changed.put(kind, topic);
    return new Connection(bootstrapServers, registry, settings, changed);
  }

  /** Names of the topics that hold records of these kinds. */
  public List<String> topics(RecordKind... kinds) {
    return topics(List.of(kinds));
  }

  /** Names of the topics that hold records of these kinds. */
  public List<String> topics(Collection<RecordKind> kinds) {
    return kinds.stream().map(this::topic).toList();
  }

  /** Settings of a Kafka client: these values, the user's over them, the broker's address. */
  public Map<String, Object> clientSettings(Map<String, Object> values) {
    Map<String, Object> all = new HashMap<>(values);
    all.putAll(SecretReferences.resolvable(settings));
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return all;
  }

  /** Whether a client may register schemas that the registry lacks. */
  public boolean registersSchemas() {
    return Boolean.parseBoolean(settings.getOrDefault(RecordSerializer.AUTO_REGISTER, "true"));
  }

  @Override
  public String toString() {
    return "Kafka at " + bootstrapServers + ", registry at " + registry.displayUrls();
  }
}
