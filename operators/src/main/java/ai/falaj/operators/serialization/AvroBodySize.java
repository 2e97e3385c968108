package ai.falaj.operators.serialization;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Measures records as Avro writes them, without keeping what it writes. For one thread.
 *
 * @param <T> the records
 */
public final class AvroBodySize<T extends SpecificRecord> {

  private final SpecificDatumWriter<T> writer;
  private BinaryEncoder encoder;

  public AvroBodySize(Class<T> recordClass) {
    writer = new SpecificDatumWriter<>(recordClass);
  }

  /** Bytes of the record's Avro body. */
  public long bytes(T record) {
    Counter counter = new Counter();
    try {
      encoder = EncoderFactory.get().binaryEncoder(counter, encoder);
      writer.write(record, encoder);
      encoder.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException("a counter does no input or output", impossible);
    }
    return counter.bytes;
  }

  private static final class Counter extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
      bytes += length;
    }
  }
}
