package ai.falaj.operators.kafka;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.RecordOrigin;
import ai.falaj.operators.Texts;
import ai.falaj.operators.routing.Route;
import ai.falaj.operators.routing.RouteChange;
import ai.falaj.operators.routing.RouteControl;
import ai.falaj.operators.routing.Routing;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.RetryHeader;
import ai.falaj.schemas.RouteUpdate;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the control topic of routes. A record that is no route, or one of models that the job does
 * not serve, becomes a refusal with a code; one without a value takes its route back to what is
 * configured. A registry that is out of reach fails the job after {@link RegistryRetries}.
 *
 * <p>Confined to the task thread of the source.
 */
public final class RouteControlDeserializationSchema
    implements KafkaRecordDeserializationSchema<RouteControl> {

  private static final long serialVersionUID = 1L;

  private final RegistryAccess registryAccess;
  private final Set<String> models;

  private transient RecordDeserializer<RouteUpdate> values;
  private transient RegistryRetries retries;

  /**
   * @param models that routes may name
   */
  public RouteControlDeserializationSchema(RegistryAccess registryAccess, Set<String> models) {
    this.registryAccess = Objects.requireNonNull(registryAccess, "registryAccess");
    this.models = new TreeSet<>(models);
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    open(new RegistryRetries());
  }

  void open(RegistryRetries registryRetries) {
    values = new RecordDeserializer<>(RouteUpdate.class, registryAccess.open());
    retries = registryRetries;
  }

  /**
   * @throws SchemaRegistryException when the registry could not be asked
   */
  @Override
  public void deserialize(
      ConsumerRecord<byte[], byte[]> record, Collector<RouteControl> collector) {
    collector.collect(control(record));
  }

  private RouteControl control(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null || record.key().length == 0) {
      return refusal(
          record,
          ErrorCode.UNDECODABLE_RECORD,
          "the record has no key; the key of a route's record is the route's name");
    }
    String name = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      return change(record, name, Optional.empty());
    }
    RouteUpdate update;
    try {
      update = retries.call(() -> values.deserialize(record.topic(), record.value()));
    } catch (UndecodableRecordException undecodable) {
      return refusal(record, undecodable.errorCode(), undecodable.getMessage());
    }
    if (!update.getRoute().equals(name)) {
      return refusal(
          record,
          ErrorCode.INVALID_PARAMETER,
          "the record's key is '%s' and its route '%s'; write each route under its own name"
              .formatted(Texts.shown(name), Texts.shown(update.getRoute())));
    }
    return validated(record, name, update);
  }

  private RouteControl validated(
      ConsumerRecord<byte[], byte[]> record, String name, RouteUpdate update) {
    Route route;
    try {
      route = Route.of(update);
    } catch (IllegalArgumentException invalid) {
      return refusal(
          record,
          ErrorCode.INVALID_PARAMETER,
          "the route '%s' cannot be: %s".formatted(Texts.shown(name), invalid.getMessage()));
    }
    Optional<String> unknown = route.firstOutside(models);
    if (unknown.isPresent()) {
      return refusal(
          record,
          ErrorCode.UNKNOWN_MODEL,
          "the route '%s' names model '%s' and this job serves '%s'; name those, or restart the job with that model"
              .formatted(
                  Texts.shown(name), Texts.shown(unknown.get()), String.join("', '", models)));
    }
    return change(record, name, Optional.of(route));
  }

  private static RouteControl change(
      ConsumerRecord<byte[], byte[]> record, String name, Optional<Route> split) {
    return new RouteControl.Change(
        name,
        new RouteChange(name, split, record.partition(), record.offset(), record.timestamp()));
  }

  private static RouteControl refusal(
      ConsumerRecord<byte[], byte[]> record, ErrorCode code, String message) {
    return new RouteControl.Refusal(
        new PromptRecord(
            new RecordOrigin(record.topic(), record.partition(), record.offset()),
            record.timestamp(),
            Optional.ofNullable(record.key()).map(ByteBuffer::wrap),
            Optional.ofNullable(record.value()).map(ByteBuffer::wrap),
            TraceContext.read(record.headers()),
            RetryHeader.read(record.headers()),
            new PromptRecord.Undecodable(code, message)));
  }

  @Override
  public TypeInformation<RouteControl> getProducedType() {
    return Routing.CONTROL_TYPE;
  }
}
