package ai.falaj.schemas.serde;

import ai.falaj.schemas.ErrorCode;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityResult;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads records of one writer schema into today's class. Immutable but for a decoder it reuses; any
 * thread.
 *
 * <p>Memory is bounded by the record's length: Avro's decoder compares each string's, byte array's
 * and collection's length to the bytes that are left before it allocates (its system properties
 * {@code org.apache.avro.limits.*} can narrow that further).
 */
final class RecordReader<T extends SpecificRecord> {

  /** A decoder that has read a longer record is let go, with the scratch space it grew. */
  private static final int LONGEST_RECORD_TO_KEEP_DECODER = 1 << 20;

  private final int schemaId;
  private final String recordName;
  private final DatumReader<T> datumReader;
  private final AtomicReference<BinaryDecoder> spareDecoder = new AtomicReference<>();

  /** Why the writer's schema cannot be read, or null. Kept so that the registry is asked once. */
  private final String incompatibility;

  RecordReader(int schemaId, Schema writer, RecordType<T> type) {
    this.schemaId = schemaId;
    this.recordName = type.recordClass().getSimpleName();
    this.datumReader = new SpecificDatumReader<>(writer, type.schema(), type.model());
    this.incompatibility = incompatibility(writer, type.schema());
  }

  /**
   * @param bytes a whole record, wire format header included
   * @throws UndecodableRecordException where the bytes are no record of the writer's schema, or
   *     that schema cannot be read as ours
   */
  T read(String topic, byte[] bytes) {
    if (incompatibility != null) {
      throw new UndecodableRecordException(
          ErrorCode.INCOMPATIBLE_SCHEMA,
          "A record of "
              + topic
              + " was written with schema "
              + schemaId
              + ", which cannot be read as "
              + recordName
              + ": "
              + incompatibility);
    }
    BinaryDecoder decoder =
        DecoderFactory.get()
            .binaryDecoder(
                bytes,
                WireFormat.HEADER_LENGTH,
                bytes.length - WireFormat.HEADER_LENGTH,
                spareDecoder.getAndSet(null));
    T record = readAll(topic, bytes.length, decoder);
    if (bytes.length <= LONGEST_RECORD_TO_KEEP_DECODER) {
      spareDecoder.set(decoder);
    }
    return record;
  }

  private T readAll(String topic, int length, BinaryDecoder decoder) {
    try {
      T record = datumReader.read(null, decoder);
      if (decoder.isEnd()) {
        return record;
      }
    } catch (SecurityException e) {
      // Says something about this process, not about the bytes.
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Bad lengths, indexes and digits surface as a dozen exception types; reading bytes has no
      // other way to fail. The stack overflows where a writer's recursive field is nested too deep.
      throw undecodable(
          topic, length, "not Avro of its schema (" + e.getClass().getName() + ")", e);
    }
    throw undecodable(topic, length, "longer than its schema says", null);
  }

  private UndecodableRecordException undecodable(
      String topic, int length, String why, Throwable cause) {
    return new UndecodableRecordException(
        ErrorCode.UNDECODABLE_RECORD,
        "A record of "
            + topic
            + " ("
            + length
            + " bytes, schema "
            + schemaId
            + ", read as "
            + recordName
            + ") is "
            + why,
        cause);
  }

  private static String incompatibility(Schema writer, Schema reader) {
    SchemaCompatibilityResult result =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    if (result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE) {
      return null;
    }
    return result.getIncompatibilities().stream()
        .map(i -> i.getType() + " at " + i.getLocation())
        .collect(Collectors.joining(", "));
  }
}
