package ai.falaj.operators.fields;

import ai.falaj.operators.fields.OutputType.Scalar;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/**
 * The JSON Schema of fields, with keywords of docs/STRUCTURED-OUTPUT.md only. A decimal's scale has
 * none ({@code multipleOf} is not among them), so that is left to rounding. Stateless.
 */
final class JsonSchemaWriter {

  /** Numbers with bounds have at most so many digits in a grammar. */
  private static final int BOUNDED_DIGITS = 15;

  private static final String LOCAL_DATE_TIME =
      "^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d$";

  private JsonSchemaWriter() {}

  static String write(List<OutputField> fields) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", "object");
    writeProperties(schema, fields);
    return schema.toString();
  }

  private static void writeProperties(ObjectNode schema, List<OutputField> fields) {
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JsonNodeFactory.instance.arrayNode();
    for (OutputField field : fields) {
      properties.set(field.name(), schemaOf(field));
      required.add(field.name());
    }
    schema.set("required", required);
    schema.put("additionalProperties", false);
  }

  private static ObjectNode schemaOf(OutputField field) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    String type = jsonType(field.type());
    if (field.nullable()) {
      schema.putArray("type").add(type).add("null");
    } else {
      schema.put("type", type);
    }
    if (!field.description().isEmpty()) {
      schema.put("description", field.description());
    }
    writeType(schema, field.type());
    field.constraints().forEach(constraint -> constraint.writeTo(schema, field.nullable()));
    return schema;
  }

  private static String jsonType(OutputType type) {
    if (type instanceof Scalar scalar) {
      return switch (scalar) {
        case STRING, DATE, TIMESTAMP, TIMESTAMP_LTZ -> "string";
        case BOOLEAN -> "boolean";
        case INT, BIGINT -> "integer";
        case DOUBLE -> "number";
      };
    }
    if (type instanceof OutputType.Array) {
      return "array";
    }
    return type instanceof OutputType.Row ? "object" : "number";
  }

  private static void writeType(ObjectNode schema, OutputType type) {
    if (type == Scalar.INT) {
      schema.put("minimum", Integer.MIN_VALUE);
      schema.put("maximum", Integer.MAX_VALUE);
    } else if (type == Scalar.DATE) {
      schema.put("format", "date");
    } else if (type == Scalar.TIMESTAMP) {
      schema.put("pattern", LOCAL_DATE_TIME);
    } else if (type == Scalar.TIMESTAMP_LTZ) {
      schema.put("format", "date-time");
    } else if (type instanceof OutputType.Decimal decimal) {
      writeBounds(schema, decimal);
    } else if (type instanceof OutputType.Array array) {
      schema.set("items", schemaOf(array.element()));
    } else if (type instanceof OutputType.Row row) {
      writeProperties(schema, row.fields());
    }
  }

  /** The largest number of the type is still one after rounding: all nines. */
  private static void writeBounds(ObjectNode schema, OutputType.Decimal type) {
    if (type.precision() <= BOUNDED_DIGITS) {
      BigDecimal largest =
          BigDecimal.TEN.pow(type.precision()).subtract(BigDecimal.ONE).movePointLeft(type.scale());
      schema.put("minimum", largest.negate());
      schema.put("maximum", largest);
    }
  }
}
