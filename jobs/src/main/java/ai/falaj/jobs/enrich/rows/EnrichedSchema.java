package ai.falaj.jobs.enrich.rows;

import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputType;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/**
 * The Avro schema of the output: the input's fields as they are, then the added ones. Each of these
 * may be null and is so by default: a record whose enrichment failed has none, and a schema with
 * one field more reads what was written with less. Stateless.
 */
public final class EnrichedSchema {

  private static final Schema NULL = Schema.create(Schema.Type.NULL);

  private EnrichedSchema() {}

  /**
   * @param added fields whose names the input does not have
   * @throws IllegalArgumentException where a name is none of Avro's
   */
  public static Schema of(Schema input, List<OutputField> added) {
    List<Schema.Field> fields = new ArrayList<>();
    input.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    String name = input.getName() + "Enriched";
    for (OutputField field : added) {
      try {
        fields.add(
            new Schema.Field(
                field.name(),
                nullable(type(field.type(), name + "_" + field.name(), input.getNamespace())),
                field.description().isEmpty() ? null : field.description(),
                Schema.Field.NULL_DEFAULT_VALUE));
      } catch (org.apache.avro.AvroRuntimeException e) {
        throw new IllegalArgumentException(
            "output.fields: '%s' cannot be a field of an Avro record: %s; give it another name"
                .formatted(field.name(), e.getMessage()),
            e);
      }
    }
    return Schema.createRecord(name, null, input.getNamespace(), false, fields);
  }

  private static Schema nullable(Schema schema) {
    return Schema.createUnion(NULL, schema);
  }

  private static Schema type(OutputType type, String path, String namespace) {
    if (type instanceof OutputType.Decimal decimal) {
      return LogicalTypes.decimal(decimal.precision(), decimal.scale())
          .addToSchema(Schema.create(Schema.Type.BYTES));
    }
    if (type instanceof OutputType.Array array) {
      return Schema.createArray(field(array.element(), path + "_element", namespace));
    }
    if (type instanceof OutputType.Row row) {
      List<Schema.Field> fields = new ArrayList<>();
      for (OutputField field : row.fields()) {
        fields.add(
            new Schema.Field(field.name(), field(field, path + "_" + field.name(), namespace)));
      }
      return Schema.createRecord(path, null, namespace, false, fields);
    }
    return switch ((OutputType.Scalar) type) {
      case STRING -> Schema.create(Schema.Type.STRING);
      case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
      case INT -> Schema.create(Schema.Type.INT);
      case BIGINT -> Schema.create(Schema.Type.LONG);
      case DOUBLE -> Schema.create(Schema.Type.DOUBLE);
      case DATE -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
      case TIMESTAMP ->
          LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
      case TIMESTAMP_LTZ ->
          LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
    };
  }

  private static Schema field(OutputField field, String path, String namespace) {
    Schema type = type(field.type(), path, namespace);
    return field.nullable() ? nullable(type) : type;
  }

  /** A value of an added field as Avro takes it. */
  static Object toAvro(Schema schema, Object value) {
    if (value == null) {
      return null;
    }
    if (schema.getType() == Schema.Type.UNION) {
      return toAvro(schema.getTypes().get(1), value);
    }
    if (value instanceof BigDecimal decimal) {
      return ByteBuffer.wrap(decimal.unscaledValue().toByteArray());
    } else if (value instanceof LocalDate date) {
      return (int) date.toEpochDay();
    } else if (value instanceof LocalDateTime time) {
      return ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant(ZoneOffset.UTC));
    } else if (value instanceof Instant instant) {
      return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    } else if (value instanceof List<?> elements) {
      List<Object> array = new ArrayList<>(elements.size());
      elements.forEach(element -> array.add(toAvro(schema.getElementType(), element)));
      return array;
    } else if (value instanceof Map<?, ?> fields) {
      GenericData.Record record = new GenericData.Record(schema);
      for (Schema.Field field : schema.getFields()) {
        record.put(field.pos(), toAvro(field.schema(), fields.get(field.name())));
      }
      return record;
    }
    return value;
  }
}
