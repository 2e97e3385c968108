package ai.falaj.operators.kafka;

import ai.falaj.operators.analytics.AnalyticsOutputs;
import ai.falaj.operators.analytics.EventSpec;
import ai.falaj.operators.analytics.Names;
import ai.falaj.operators.analytics.UsageEvent;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import ai.falaj.schemas.serde.RecordDeserializer;
import ai.falaj.schemas.serde.UndecodableRecordException;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads a topic of results into usage events. What is no record of the topic, and what claims to
 * come from the future, is counted and passed over: a figure that lacks a broken record is of more
 * use than no figures. A registry that is out of reach fails the job after {@link RegistryRetries}.
 *
 * <p>Confined to the task thread of the source.
 *
 * @param <T> values of the topic
 */
abstract class UsageEventDeserializationSchema<T extends SpecificRecord>
    implements KafkaRecordDeserializationSchema<UsageEvent> {

  private static final long serialVersionUID = 1L;

  private final Class<T> valueClass;
  private final RegistryAccess registryAccess;
  private final EventSpec spec;

  private transient RecordDeserializer<T> values;
  private transient RegistryRetries retries;
  private transient Clock clock;
  private transient Counter undecodable;
  private transient Counter ahead;

  UsageEventDeserializationSchema(
      Class<T> valueClass, RegistryAccess registryAccess, EventSpec spec) {
    this.valueClass = Objects.requireNonNull(valueClass, "valueClass");
    this.registryAccess = Objects.requireNonNull(registryAccess, "registryAccess");
    this.spec = Objects.requireNonNull(spec, "spec");
  }

  /** What a value adds to the windows. */
  abstract UsageEvent event(T value);

  /** For what else is read from the registry. */
  void opened(SchemaRegistry registry) {}

  @Override
  public final void open(DeserializationSchema.InitializationContext context) {
    open(new RegistryRetries(), Clock.systemUTC(), context.getMetricGroup());
  }

  final void open(RegistryRetries registryRetries, Clock machineClock, MetricGroup metrics) {
    SchemaRegistry registry = registryAccess.open();
    values = new RecordDeserializer<>(valueClass, registry);
    retries = registryRetries;
    clock = machineClock;
    MetricGroup group = metrics.addGroup("falaj");
    undecodable = group.counter("analyticsUndecodableRecords");
    ahead = group.counter("analyticsRecordsAhead");
    opened(registry);
  }

  /**
   * @throws SchemaRegistryException when the registry could not be asked
   */
  @Override
  public final void deserialize(
      ConsumerRecord<byte[], byte[]> record, Collector<UsageEvent> collector) {
    if (record.value() == null) {
      return; // nothing of ours writes one
    }
    UsageEvent event;
    try {
      event = event(decode(values, record.topic(), record.value()));
    } catch (UndecodableRecordException e) {
      undecodable.inc();
      return;
    }
    if (event.timestampMs() - spec.maxAhead().toMillis() > clock.millis()) {
      ahead.inc();
      return;
    }
    collector.collect(event);
  }

  final <V extends SpecificRecord> V decode(
      RecordDeserializer<V> deserializer, String topic, byte[] bytes) {
    return retries.call(() -> deserializer.deserialize(topic, bytes));
  }

  final EventSpec spec() {
    return spec;
  }

  /** A name that may be absent. */
  static String name(CharSequence name) {
    return name == null ? "" : Names.bounded(name);
  }

  final String template(Map<String, String> metadata) {
    return name(metadata.get(spec.templateMetadata()));
  }

  @Override
  public final TypeInformation<UsageEvent> getProducedType() {
    return AnalyticsOutputs.EVENT_TYPE;
  }
}
