package ai.falaj.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** Records in Confluent's wire format, put together without our serializer. */
public final class WireBytes {

  /** Writes what follows the header. */
  @FunctionalInterface
  public interface Body {
    void writeTo(BinaryEncoder encoder) throws IOException;
  }

  private WireBytes() {}

  public static byte[] header(int id) {
    return ByteBuffer.allocate(5).put((byte) 0).putInt(id).array();
  }

  public static byte[] of(int id, Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(header(id));
    try {
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      body.writeTo(encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static byte[] of(int id, GenericRecord record) {
    return of(id, e -> new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, e));
  }
}
