package ai.falaj.jobs.enrich.rows;

import ai.falaj.schemas.serde.GenericRecordSerializer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The record as Avro in Confluent's wire format. The input's fields are copied value by value; JSON
 * is read as its fields were declared.
 *
 * @param schema as {@link EnrichedSchema} makes it
 * @param schemaId of the schema in the registry
 */
public record AvroEncoding(Schema schema, int schemaId, int addedFields) implements RowEncoding {

  private static final long serialVersionUID = 1L;

  public AvroEncoding {
    Objects.requireNonNull(schema, "schema");
  }

  @Override
  public RowWriter open() {
    GenericRecordSerializer serializer = new GenericRecordSerializer(schema, schemaId);
    return (row, values) -> serializer.serialize(record(row, values));
  }

  private GenericRecord record(Row row, List<Object> values) {
    GenericData.Record record = new GenericData.Record(schema);
    List<Schema.Field> fields = schema.getFields();
    int inputFields = fields.size() - addedFields;
    for (int i = 0; i < inputFields; i++) {
      record.put(i, inputValue(row, fields.get(i)));
    }
    for (int i = 0; i < addedFields; i++) {
      record.put(
          inputFields + i,
          EnrichedSchema.toAvro(fields.get(inputFields + i).schema(), values.get(i)));
    }
    return record;
  }

  private static Object inputValue(Row row, Schema.Field field) {
    if (row instanceof AvroRow avro) {
      return avro.record().get(field.pos());
    }
    JsonNode value = ((JsonRow) row).object().path(field.name());
    return value.isMissingNode() || value.isNull()
        ? null
        : InputType.of(field.schema()).toAvro(value);
  }
}
