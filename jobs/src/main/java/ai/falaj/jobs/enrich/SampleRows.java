package ai.falaj.jobs.enrich;

import ai.falaj.jobs.enrich.rows.JsonEncoding;
import ai.falaj.jobs.enrich.rows.Row;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputSchema;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Enriched records as JSON, for the report. Stateless. */
final class SampleRows {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private SampleRows() {}

  static JsonNode of(Row row, OutputSchema output, List<Object> values) {
    JsonEncoding encoding =
        new JsonEncoding(output.fields().stream().map(OutputField::name).toList());
    try {
      return MAPPER.readTree(encoding.open().write(row, values));
    } catch (IOException e) {
      throw new UncheckedIOException("JSON that was just written cannot be read", e);
    }
  }
}
