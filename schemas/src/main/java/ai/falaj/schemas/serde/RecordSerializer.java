package ai.falaj.schemas.serde;

import ai.falaj.schemas.Topics;
import ai.falaj.schemas.registry.BoundedCache;
import ai.falaj.schemas.registry.ConfluentSchemaRegistry;
import ai.falaj.schemas.registry.RegistryConfig;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes generated records in Confluent's wire format, as values of a topic.
 *
 * <p>The first record for a topic registers the record's schema under {@code <topic>-value}, or
 * looks it up where {@value #AUTO_REGISTER} is false; later ones touch no network. A failed
 * registration is not remembered: the next record tries again.
 *
 * <p>Any thread, as one Kafka producer may be used from many.
 *
 * <p>Two ways to make one: with a record class and a registry, which stays the caller's; or with no
 * arguments and {@link #configure}, by a Kafka client, which then owns the registry it opens.
 */
public final class RecordSerializer<T extends SpecificRecord> implements Serializer<T> {

  /** Whether to register schemas that are not there yet; default true. */
  public static final String AUTO_REGISTER = "auto.register.schemas";

  /** More topics than this per serializer still work, at the price of asking the registry again. */
  private static final int CACHED_SUBJECTS = 1_000;

  /** A buffer that a record made larger than this is let go. */
  private static final int LARGEST_KEPT_BUFFER_BYTES = 1 << 20;

  private final BoundedCache<Target, Integer> ids = new BoundedCache<>(CACHED_SUBJECTS);
  private final BoundedCache<Class<?>, Writer> writers = new BoundedCache<>(CACHED_SUBJECTS);
  private final AtomicReference<Buffer> spareBuffer = new AtomicReference<>();

  private SchemaRegistry registry;
  private boolean ownsRegistry;
  private boolean autoRegister = true;

  /** For Kafka clients, which call {@link #configure} next. */
  public RecordSerializer() {}

  /**
   * @param registry is not closed by this serializer
   */
  public RecordSerializer(Class<T> recordClass, SchemaRegistry registry) {
    this(recordClass, registry, true);
  }

  /**
   * @param registry is not closed by this serializer
   * @param autoRegister false: the schema must have been registered before
   */
  public RecordSerializer(Class<T> recordClass, SchemaRegistry registry, boolean autoRegister) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.autoRegister = autoRegister;
    writers.put(recordClass, Writer.of(recordClass));
  }

  /**
   * Takes {@value #AUTO_REGISTER} and the settings of {@link RegistryConfig} from a Kafka client's
   * configuration. Where a registry was given to the constructor, it stays.
   *
   * @throws ConfigException where it is to write keys, which are plain strings
   * @throws IllegalArgumentException where the registry's URL is absent or wrong
   */
  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    SerdeSettings.requireValueSide(getClass(), isKey);
    autoRegister = SerdeSettings.booleanOf(configs, AUTO_REGISTER, autoRegister);
    if (registry == null) {
      registry = new ConfluentSchemaRegistry(RegistryConfig.fromProperties(configs));
      ownsRegistry = true;
    }
  }

  /**
   * @return null for a null record (a tombstone)
   * @throws SchemaRegistryException where the schema's id could not be had; nothing was written
   * @throws SerializationException where the record breaks its own schema, such as a required field
   *     that is not set
   */
  @Override
  public byte[] serialize(String topic, T record) {
    if (record == null) {
      return null;
    }
    Writer writer = writerOf(record.getClass());
    int id = idOf(topic, writer);
    Buffer spare = spareBuffer.getAndSet(null);
    Buffer buffer = spare == null ? new Buffer() : spare;
    byte[] bytes = buffer.write(topic, id, writer, record);
    if (bytes.length <= LARGEST_KEPT_BUFFER_BYTES) {
      spareBuffer.set(buffer);
    }
    return bytes;
  }

  /** Closes the registry, where this serializer opened it. */
  @Override
  public void close() {
    if (ownsRegistry) {
      registry.close();
    }
  }

  private Writer writerOf(Class<? extends SpecificRecord> recordClass) {
    Writer known = writers.get(recordClass);
    if (known != null) {
      return known;
    }
    Writer created = Writer.of(recordClass);
    writers.put(recordClass, created);
    return created;
  }

  private int idOf(String topic, Writer writer) {
    Target target = new Target(topic, writer.recordClass());
    Integer known = ids.get(target);
    if (known != null) {
      return known;
    }
    if (registry == null) {
      throw new IllegalStateException("configure() was not called");
    }
    String subject = Topics.valueSubject(topic);
    int id =
        autoRegister
            ? registry.register(subject, writer.registered())
            : registry.schemaId(subject, writer.registered());
    ids.put(target, id);
    return id;
  }

  private record Target(String topic, Class<?> recordClass) {}

  /**
   * What is needed to write one record class.
   *
   * @param registered the schema as the registry gets it
   */
  private record Writer(
      Class<?> recordClass, Schema registered, DatumWriter<SpecificRecord> datumWriter) {

    static Writer of(Class<? extends SpecificRecord> recordClass) {
      RecordType<?> type = RecordType.of(recordClass);
      return new Writer(
          recordClass,
          PortableSchema.of(type.schema()),
          new SpecificDatumWriter<>(type.schema(), type.model()));
    }
  }

  /** An encoder over its own growing array. Confined to the call that took it. */
  private static final class Buffer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    private final byte[] header = new byte[WireFormat.HEADER_LENGTH];
    private BinaryEncoder encoder;

    byte[] write(String topic, int id, Writer writer, SpecificRecord record) {
      bytes.reset();
      ByteBuffer.wrap(header).put(WireFormat.MAGIC).putInt(id);
      bytes.write(header, 0, header.length);
      encoder = EncoderFactory.get().binaryEncoder(bytes, encoder);
      try {
        writer.datumWriter().write(record, encoder);
        encoder.flush();
      } catch (IOException | RuntimeException e) {
        // Avro's messages about values may quote them; only those about absent fields may not.
        String why = e instanceof NullPointerException ? e.getMessage() : e.getClass().getName();
        throw new SerializationException(
            "A " + writer.recordClass().getSimpleName() + " for " + topic + " is invalid: " + why);
      }
      return bytes.toByteArray();
    }
  }
}
