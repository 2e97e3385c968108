package ai.falaj.jobs.tools;

import ai.falaj.jobs.cli.CliException;
import ai.falaj.jobs.client.Connection;
import ai.falaj.jobs.client.Reachability;
import ai.falaj.jobs.client.RecordWriter;
import ai.falaj.jobs.client.TopicScan;
import ai.falaj.schemas.ToolRequest;
import ai.falaj.schemas.ToolResponse;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.RecordSerializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * What models want called and what they were told, as the two topics of tools say. Records that
 * cannot be read are passed over: the job makes dead letters of the responses among them. Confined
 * to one thread.
 */
final class ToolCalls implements AutoCloseable {

  private static final String CLIENT_ID = "falaj-tools";

  private final Connection connection;
  private final String requestsTopic;
  private final String responsesTopic;
  private final SchemaRegistry registry;

  private ToolCalls(
      Connection connection, String requestsTopic, String responsesTopic, SchemaRegistry registry) {
    this.connection = connection;
    this.requestsTopic = requestsTopic;
    this.responsesTopic = responsesTopic;
    this.registry = registry;
  }

  /** Connects to nothing yet. */
  static ToolCalls open(Connection connection, String requestsTopic, String responsesTopic) {
    return new ToolCalls(
        connection,
        requestsTopic,
        responsesTopic,
        new ConfluentSchemaRegistry(connection.registry()));
  }

  String requestsTopic() {
    return requestsTopic;
  }

  /**
   * The calls that have no response and whose model still waits, as far as the topics tell: a job
   * that was restarted may wait for longer, and a request may have ended meanwhile.
   *
   * @throws CliException where registry or broker refuse
   */
  List<ToolRequest> open(Instant now) {
    Map<String, ToolRequest> open = requests();
    scan(ToolResponse.class, responsesTopic, response -> open.remove(response.getToolRequestId()));
    return open.values().stream().filter(request -> request.getAnswerUntil().isAfter(now)).toList();
  }

  /**
   * A call by its id, answered or not; the newest where it was asked for twice.
   *
   * @throws CliException where registry or broker refuse
   */
  Optional<ToolRequest> find(String toolRequestId) {
    return Optional.ofNullable(requests().get(toolRequestId));
  }

  /**
   * Returns when the broker has the response.
   *
   * @throws CliException where registry or broker refuse
   */
  ToolResponse answer(ToolRequest request, String content, boolean isError, Instant now)
      throws InterruptedException {
    ToolResponse response =
        new ToolResponse(request.getToolRequestId(), request.getRequestId(), content, isError, now);
    try {
      byte[] value =
          new RecordSerializer<>(ToolResponse.class, registry, connection.registersSchemas())
              .serialize(responsesTopic, response);
      RecordWriter.write(connection, responsesTopic, CLIENT_ID, bytes(request.getKey()), value);
      return response;
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    } catch (KafkaException e) {
      throw CliException.failure(
          "the answer was not written to " + responsesTopic + ": " + e.getMessage(),
          "see the broker's log, then answer again",
          e);
    }
  }

  private Map<String, ToolRequest> requests() {
    Map<String, ToolRequest> requests = new LinkedHashMap<>();
    scan(
        ToolRequest.class,
        requestsTopic,
        request -> requests.put(request.getToolRequestId(), request));
    return requests;
  }

  private <T extends SpecificRecord> void scan(
      Class<T> recordClass, String topic, Consumer<T> each) {
    RecordDeserializer<T> values = new RecordDeserializer<>(recordClass, registry);
    try {
      TopicScan.read(connection, topic, CLIENT_ID, record -> read(values, record).ifPresent(each));
    } catch (SchemaRegistryException e) {
      throw Reachability.unusable(connection, e);
    }
  }

  private static <T extends SpecificRecord> Optional<T> read(
      RecordDeserializer<T> values, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(values.deserialize(record.topic(), record.value()));
    } catch (UndecodableRecordException unreadable) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(ByteBuffer key) {
    if (key == null) {
      return null;
    }
    byte[] bytes = new byte[key.remaining()];
    key.duplicate().get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    registry.close();
  }
}
