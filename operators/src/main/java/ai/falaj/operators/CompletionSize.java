package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Measures completions before they go to Kafka, which refuses records over a limit: a refused
 * completion would fail the job, and again after each restart. Many samples, or their logprobs,
 * reach that limit. Confined to the task mailbox thread.
 */
final class CompletionSize {

  private final SpecificDatumWriter<Completion> writer =
      new SpecificDatumWriter<>(Completion.class);
  private BinaryEncoder encoder;

  /** Bytes of its Avro body. */
  long bytes(Completion completion) {
    Counter counter = new Counter();
    try {
      encoder = EncoderFactory.get().binaryEncoder(counter, encoder);
      writer.write(completion, encoder);
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
