package ai.falaj.jobs.enrich;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.core.fs.FSDataOutputStream;

/**
 * Writes records as lines. A part file that is begun gets its header first; one that goes on after
 * a restart has it.
 *
 * @param headerOrNull of every part file
 */
record FileRows(String headerOrNull) implements Encoder<EnrichedRow> {

  private static final long serialVersionUID = 1L;

  @Override
  public void encode(EnrichedRow row, OutputStream stream) throws IOException {
    if (headerOrNull != null && ((FSDataOutputStream) stream).getPos() == 0) {
      stream.write(headerOrNull.getBytes(StandardCharsets.UTF_8));
      stream.write('\n');
    }
    stream.write(row.value());
    stream.write('\n');
  }
}
