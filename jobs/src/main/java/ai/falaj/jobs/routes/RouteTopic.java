package ai.falaj.jobs.routes;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordWriter;
import ai.falaj.jobs.client.TopicScan;
import ai.falaj.operators.routing.Route;
import ai.falaj.schemas.RouteUpdate;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** The control topic of routes. Confined to one thread. */
final class RouteTopic implements AutoCloseable {

  private static final int LIMIT_MS = 10_000;
  private static final String CLIENT_ID = "falaj-routes";

  private final Connection connection;
  private final String name;
  private final SchemaRegistry registry;

  private RouteTopic(Connection connection, String name, SchemaRegistry registry) {
    this.connection = connection;
    this.name = name;
    this.registry = registry;
  }

  /** Connects to nothing yet. */
  static RouteTopic open(Connection connection, String name) {
    return new RouteTopic(connection, name, new ConfluentSchemaRegistry(connection.registry()));
  }

  /** Where a record is. */
  record Written(int partition, long offset) {}

  /** What the topic says of a route. */
  record Entry(String name, Route route, Instant updatedAt, Written place) {}

  /**
   * What the topic says.
   *
   * @param routes that are set, by name
   * @param unreadable records that are no routes
   */
  record Contents(List<Entry> routes, int unreadable) {}

  String name() {
    return name;
  }

  /**
   * Whether the broker keeps the last record of each route for ever.
   *
   * @throws CliException where it does not say
   */
  boolean isCompacted() throws InterruptedException {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Map<String, Object> settings =
        connection.clientSettings(
            Map.of(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                LIMIT_MS / 2,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                LIMIT_MS));
    try (Admin admin = Admin.create(settings)) {
      return admin
          .describeConfigs(List.of(topic))
          .all()
          .get()
          .get(topic)
          .get(TopicConfig.CLEANUP_POLICY_CONFIG)
          .value()
          .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    } catch (ExecutionException e) {
      throw CliException.failure(
          "the broker does not tell how topic " + name + " is set up: " + e.getCause().getMessage(),
          "check its rights",
          e);
    }
  }

  /**
   * Returns when the broker has it.
   *
   * @throws CliException where registry or broker refuse
   */
  Written set(String route, Route split, Instant now) throws InterruptedException {
    try {
      byte[] value =
          new RecordSerializer<>(RouteUpdate.class, registry, connection.registersSchemas())
              .serialize(name, split.update(route, now));
      return write(route, value);
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
  }

  /** As {@link #set}, for a route that goes back to the job's configuration. */
  Written reset(String route) throws InterruptedException {
    return write(route, null);
  }

  private Written write(String route, byte[] value) throws InterruptedException {
    try {
      RecordMetadata written =
          RecordWriter.write(
              connection, name, CLIENT_ID, route.getBytes(StandardCharsets.UTF_8), value);
      return new Written(written.partition(), written.offset());
    } catch (KafkaException e) {
      throw notWritten(e);
    }
  }

  private CliException notWritten(Throwable cause) {
    return CliException.failure(
        "the route was not written to " + name + ": " + cause.getMessage(),
        "see the broker's log, then set it again",
        cause);
  }

  /**
   * Reads the topic from its beginning to where it ends now.
   *
   * @throws CliException where registry or broker refuse
   */
  Contents read() {
    RecordDeserializer<RouteUpdate> values = new RecordDeserializer<>(RouteUpdate.class, registry);
    Map<String, Entry> routes = new TreeMap<>();
    AtomicInteger unreadable = new AtomicInteger();
    try {
      TopicScan.read(
          connection,
          name,
          CLIENT_ID,
          record -> {
            if (!take(record, values, routes)) {
              unreadable.incrementAndGet();
            }
          });
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
    return new Contents(List.copyOf(routes.values()), unreadable.get());
  }

  /** Returns whether the record says something of a route. */
  private boolean take(
      ConsumerRecord<byte[], byte[]> record,
      RecordDeserializer<RouteUpdate> values,
      Map<String, Entry> routes) {
    if (record.key() == null) {
      return false;
    }
    String route = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      routes.remove(route);
      return true;
    }
    try {
      RouteUpdate update = values.deserialize(name, record.value());
      if (!update.getRoute().equals(route)) {
        return false;
      }
      Written place = new Written(record.partition(), record.offset());
      routes.put(route, new Entry(route, Route.of(update), update.getUpdatedAt(), place));
      return true;
    } catch (UndecodableRecordException | IllegalArgumentException noRoute) {
      return false;
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
