package ai.falaj.schemas.serde;

import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.registry.BoundedCache;
import ai.falaj.schemas.registry.SchemaRegistry;
import ai.falaj.schemas.registry.SchemaRegistryException;
import java.io.IOException;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;

/**
 * Reads records of any schema from Confluent's wire format, as records of one schema: what users
 * keep in their own topics. Failures are sorted as {@link RecordDeserializer} sorts them. Confined
 * to one thread, and blocks on the network for schema ids that it has not seen yet.
 */
public final class GenericRecordDeserializer {

  private static final int CACHED_WRITER_SCHEMAS = 1_000;

  private final BoundedCache<Integer, DatumReader<GenericRecord>> readers =
      new BoundedCache<>(CACHED_WRITER_SCHEMAS);

  private final Schema schema;
  private final SchemaRegistry registry;
  private BinaryDecoder decoder;

  /**
   * @param schema that records are read as
   * @param registry is not closed by this deserializer
   */
  public GenericRecordDeserializer(Schema schema, SchemaRegistry registry) {
    this.schema = Objects.requireNonNull(schema, "schema");
    this.registry = Objects.requireNonNull(registry, "registry");
  }

  /**
   * @throws UndecodableRecordException where the bytes are no record of this schema
   * @throws SchemaRegistryException where the registry could not be asked
   */
  public GenericRecord deserialize(String topic, byte[] bytes) {
    int id = WireFormat.schemaId(topic, bytes);
    DatumReader<GenericRecord> reader = readers.get(id);
    if (reader == null) {
      reader = createReader(topic, id);
      readers.put(id, reader);
    }
    decoder =
        DecoderFactory.get()
            .binaryDecoder(
                bytes, WireFormat.HEADER_LENGTH, bytes.length - WireFormat.HEADER_LENGTH, decoder);
    try {
      GenericRecord record = reader.read(null, decoder);
      if (decoder.isEnd()) {
        return record;
      }
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Bad lengths, indexes and digits surface as a dozen exception types.
      throw undecodable(topic, bytes.length, id, "not Avro of its schema (" + e.getClass() + ")");
    }
    throw undecodable(topic, bytes.length, id, "longer than its schema says");
  }

  private static UndecodableRecordException undecodable(
      String topic, int length, int id, String why) {
    return new UndecodableRecordException(
        ErrorCode.UNDECODABLE_RECORD,
        "A record of %s (%d bytes, schema %d) is %s".formatted(topic, length, id, why));
  }

  private DatumReader<GenericRecord> createReader(String topic, int id) {
    Schema writer = writerSchemaOrThrow(topic, id);
    var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(schema, writer);
    if (compatibility.getType() != SchemaCompatibilityType.COMPATIBLE) {
      throw new UndecodableRecordException(
          ErrorCode.INCOMPATIBLE_SCHEMA,
          "A record of %s was written with schema %d, which cannot be read as %s"
              .formatted(topic, id, schema.getFullName()));
    }
    return new GenericDatumReader<>(writer, schema);
  }

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
}
