package ai.falaj.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Writes records of one schema in Confluent's wire format, under an id that the caller has from the
 * registry. Touches no network. Confined to one thread.
 */
public final class GenericRecordSerializer {

  private final int schemaId;
  private final GenericDatumWriter<GenericRecord> writer;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private BinaryEncoder encoder;

  public GenericRecordSerializer(Schema schema, int schemaId) {
    this.schemaId = schemaId;
    this.writer = new GenericDatumWriter<>(schema);
  }

  /**
   * @throws RuntimeException of Avro's where the record breaks its schema
   */
  public byte[] serialize(GenericRecord record) {
    bytes.reset();
    bytes.writeBytes(
        ByteBuffer.allocate(WireFormat.HEADER_LENGTH)
            .put(WireFormat.MAGIC)
            .putInt(schemaId)
            .array());
    encoder = EncoderFactory.get().binaryEncoder(bytes, encoder);
    try {
      writer.write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("an array refuses bytes", e);
    }
    return bytes.toByteArray();
  }
}
