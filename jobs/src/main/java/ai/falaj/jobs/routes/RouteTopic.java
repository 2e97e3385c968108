package ai.falaj.jobs.routes;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.operators.routing.Route;
import ai.falaj.schemas.RouteUpdate;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The control topic of routes. Confined to one thread. */
final class RouteTopic implements AutoCloseable {

  private static final int LIMIT_MS = 10_000;
  private static final Duration POLL = Duration.ofMillis(200);

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
    Map<String, Object> settings =
        connection.clientSettings(
            Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                "falaj-routes",
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                LIMIT_MS / 2,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                LIMIT_MS,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                LIMIT_MS));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      RecordMetadata written =
          producer
              .send(new ProducerRecord<>(name, route.getBytes(StandardCharsets.UTF_8), value))
              .get();
      return new Written(written.partition(), written.offset());
    } catch (ExecutionException e) {
      throw notWritten(e.getCause());
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
    Map<String, Object> settings =
        new HashMap<>(
            connection.clientSettings(
                Map.of(
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    "falaj-routes",
                    ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    LIMIT_MS)));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          consumer.partitionsFor(name).stream()
              .map(partition -> new TopicPartition(name, partition.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      return read(consumer);
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    } catch (KafkaException e) {
      throw CliException.failure(
          "topic " + name + " could not be read: " + e.getMessage(), "see the broker's log", e);
    }
  }

  private Contents read(KafkaConsumer<byte[], byte[]> consumer) {
    RecordDeserializer<RouteUpdate> values = new RecordDeserializer<>(RouteUpdate.class, registry);
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    Map<String, Entry> routes = new TreeMap<>();
    int unreadable = 0;
    long deadlineNanos = System.nanoTime() + Duration.ofMillis(LIMIT_MS).toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw CliException.failure(
            "topic %s was not read to its end within %d s".formatted(name, LIMIT_MS / 1000),
            "see the broker's log, then try again");
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        deadlineNanos = System.nanoTime() + Duration.ofMillis(LIMIT_MS).toNanos();
        if (!take(record, values, routes)) {
          unreadable++;
        }
      }
    }
    return new Contents(List.copyOf(routes.values()), unreadable);
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
