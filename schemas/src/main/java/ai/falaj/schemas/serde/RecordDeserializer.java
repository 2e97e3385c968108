package ai.falaj.schemas.serde;

import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.registry.BoundedCache;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Reads generated records from Confluent's wire format, whatever version of the schema they were
 * written with.
 *
 * <p>Failures are of two sorts, which must not be mixed up:
 *
 * <ul>
 *   <li>{@link UndecodableRecordException}: these bytes are bad for ever; dead-letter them.
 *   <li>{@link SchemaRegistryException}: the registry could not be asked; the bytes may be fine.
 *       Read them again later where it is {@link SchemaRegistryException#retryable()}, else stop.
 * </ul>
 *
 * <p>Any thread. Blocks on the network for schema ids it has not seen yet.
 *
 * <p>Two ways to make one: with a record class and a registry, which stays the caller's; or with no
 * arguments and {@link #configure}, by a Kafka client, which then owns the registry it opens.
 */
public final class RecordDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  /** The generated class to read into, as a {@link Class} or its name; has no default. */
  public static final String RECORD_CLASS = "falaj.record.class";

  private static final int CACHED_WRITER_SCHEMAS = 1_000;

  private final BoundedCache<Integer, RecordReader<T>> readers =
      new BoundedCache<>(CACHED_WRITER_SCHEMAS);

  private RecordType<T> type;
  private SchemaRegistry registry;
  private boolean ownsRegistry;

  /** For Kafka clients, which call {@link #configure} next. */
  public RecordDeserializer() {}

  /**
   * @param registry is not closed by this deserializer
   */
  public RecordDeserializer(Class<T> recordClass, SchemaRegistry registry) {
    this.type = RecordType.of(recordClass);
    this.registry = Objects.requireNonNull(registry, "registry");
  }

  /**
   * Takes {@value #RECORD_CLASS} and the settings of {@link RegistryConfig} from a Kafka client's
   * configuration. What was given to the constructor stays.
   *
   * @throws ConfigException where it is to read keys, which are plain strings, or the record class
   *     is absent or no generated record
   * @throws IllegalArgumentException where the registry's URL is absent or wrong
   */
  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    SerdeSettings.requireValueSide(getClass(), isKey);
    if (registry == null) {
      type = RecordType.of(recordClassOf(configs));
      registry = new ConfluentSchemaRegistry(RegistryConfig.fromProperties(configs));
      ownsRegistry = true;
    }
  }

  /**
   * @return null for null bytes (a tombstone)
   * @throws UndecodableRecordException where the bytes are no record
   * @throws SchemaRegistryException where the registry could not be asked
   */
  @Override
  public T deserialize(String topic, byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    int id = WireFormat.schemaId(topic, bytes);
    RecordReader<T> known = readers.get(id);
    return (known == null ? createReader(topic, id) : known).read(topic, bytes);
  }

  /** Closes the registry, where this deserializer opened it. */
  @Override
  public void close() {
    if (ownsRegistry) {
      registry.close();
    }
  }

  private RecordReader<T> createReader(String topic, int id) {
    if (registry == null) {
      throw new IllegalStateException("configure() was not called");
    }
    RecordReader<T> reader = new RecordReader<>(id, writerSchemaOrThrow(topic, id), type);
    readers.put(id, reader);
    return reader;
  }

  /** Sorts what the registry says: only what it says about this very id is the record's fault. */
  private Schema writerSchemaOrThrow(String topic, int id) {
    try {
      return registry.schemaById(id);
    } catch (SchemaRegistryException e) {
      ErrorCode code =
          switch (e.kind()) {
            case NOT_FOUND -> ErrorCode.UNKNOWN_SCHEMA_ID;
            case INCOMPATIBLE -> ErrorCode.INCOMPATIBLE_SCHEMA;
            case UNREACHABLE, UNAUTHORIZED, OTHER -> throw e;
          };
      throw new UndecodableRecordException(
          code, "A record of " + topic + " names schema " + id + ". " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("unchecked")
  private Class<T> recordClassOf(Map<String, ?> configs) {
    Object value = configs.get(RECORD_CLASS);
    if (value == null) {
      throw new ConfigException(
          RECORD_CLASS
              + " is not set; set it to a record class, such as ai.falaj.schemas.Completion");
    }
    try {
      Class<?> found =
          value instanceof Class<?> given ? given : Utils.loadClass(value.toString(), Object.class);
      return (Class<T>) found.asSubclass(SpecificRecord.class);
    } catch (ClassNotFoundException | ClassCastException e) {
      throw new ConfigException(RECORD_CLASS, value, "It is no generated Avro record: " + e);
    }
  }
}
