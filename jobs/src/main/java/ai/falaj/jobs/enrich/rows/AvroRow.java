package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** A record that was read from Avro. */
public record AvroRow(GenericRecord record) implements Row {

  public AvroRow {
    Objects.requireNonNull(record, "record");
  }

  @Override
  public Object get(String name) {
    Schema.Field field = record.getSchema().getField(name);
    if (field == null) {
      return null;
    }
    JsonNode value = AvroJson.node(field.schema(), record.get(field.pos()));
    return new JsonRow(JsonRows.object(name, value)).get(name);
  }

  @Override
  public ObjectNode toJson() {
    return (ObjectNode) AvroJson.node(record.getSchema(), record);
  }
}
