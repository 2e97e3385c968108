package ai.falaj.jobs.enrich;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.DeadLetter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.Encoder;

/** Writes dead letters as lines of JSON, each with its record as text. Stateless. */
final class FileDeadLetters implements Encoder<OutputRecord<DeadLetter>> {

  private static final long serialVersionUID = 1L;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Override
  public void encode(OutputRecord<DeadLetter> record, OutputStream stream) throws IOException {
    DeadLetter letter = record.value();
    ObjectNode line = MAPPER.createObjectNode();
    line.put("source", letter.getSourceTopic());
    line.put("partition", letter.getSourcePartition());
    line.put("offset", letter.getSourceOffset());
    line.put("error", letter.getMessage());
    line.put("attempts", letter.getAttempts());
    line.put("failed_at", letter.getFailedAt().toString());
    if (letter.getValue() != null) {
      line.put("record", StandardCharsets.UTF_8.decode(letter.getValue().duplicate()).toString());
    }
    stream.write(MAPPER.writeValueAsBytes(line));
    stream.write('\n');
  }
}
