package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/**
 * Avro values as plain JSON, as people write it: no type names around members of unions, dates and
 * times in ISO form, decimals as numbers, other bytes in Base64. Stateless.
 */
final class AvroJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private AvroJson() {}

  static JsonNode node(Schema schema, Object value) {
    if (value == null) {
      return NODES.nullNode();
    }
    if (schema.getType() == Schema.Type.UNION) {
      return node(schema.getTypes().get(GenericData.get().resolveUnion(schema, value)), value);
    }
    LogicalType logical = schema.getLogicalType();
    if (logical != null) {
      JsonNode known = logicalNode(logical, value);
      if (known != null) {
        return known;
      }
    }
    return switch (schema.getType()) {
      case RECORD -> object((GenericRecord) value);
      case ARRAY -> array(schema, (Iterable<?>) value);
      case MAP -> map(schema, (Map<?, ?>) value);
      case BOOLEAN -> NODES.booleanNode((Boolean) value);
      case INT -> NODES.numberNode((Integer) value);
      case LONG -> NODES.numberNode((Long) value);
      case FLOAT -> number(((Float) value).doubleValue(), value);
      case DOUBLE -> number((Double) value, value);
      case BYTES, FIXED -> NODES.textNode(Base64.getEncoder().encodeToString(bytes(value)));
      default -> NODES.textNode(value.toString());
    };
  }

  /** JSON has no infinities. */
  private static JsonNode number(double finite, Object value) {
    return Double.isFinite(finite)
        ? NODES.numberNode(new BigDecimal(value.toString()))
        : NODES.textNode(value.toString());
  }

  private static ObjectNode object(GenericRecord record) {
    ObjectNode object = NODES.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      object.set(field.name(), node(field.schema(), record.get(field.pos())));
    }
    return object;
  }

  private static ArrayNode array(Schema schema, Iterable<?> values) {
    ArrayNode array = NODES.arrayNode();
    values.forEach(value -> array.add(node(schema.getElementType(), value)));
    return array;
  }

  private static ObjectNode map(Schema schema, Map<?, ?> values) {
    ObjectNode object = NODES.objectNode();
    values.forEach((key, value) -> object.set(key.toString(), node(schema.getValueType(), value)));
    return object;
  }

  private static JsonNode logicalNode(LogicalType logical, Object value) {
    if (logical instanceof LogicalTypes.Decimal decimal) {
      return NODES.numberNode(new BigDecimal(new BigInteger(bytes(value)), decimal.getScale()));
    }
    return switch (logical.getName()) {
      case "date" -> NODES.textNode(LocalDate.ofEpochDay((Integer) value).toString());
      case "time-millis" ->
          NODES.textNode(LocalTime.ofNanoOfDay((Integer) value * 1_000_000L).toString());
      case "time-micros" -> NODES.textNode(LocalTime.ofNanoOfDay((Long) value * 1_000L).toString());
      case "timestamp-millis" -> instant((Long) value, ChronoUnit.MILLIS);
      case "timestamp-micros" -> instant((Long) value, ChronoUnit.MICROS);
      case "local-timestamp-millis" -> local((Long) value, ChronoUnit.MILLIS);
      case "local-timestamp-micros" -> local((Long) value, ChronoUnit.MICROS);
      default -> null;
    };
  }

  private static JsonNode instant(long units, ChronoUnit unit) {
    return NODES.textNode(Instant.EPOCH.plus(units, unit).toString());
  }

  private static JsonNode local(long units, ChronoUnit unit) {
    return NODES.textNode(
        LocalDateTime.ofInstant(Instant.EPOCH.plus(units, unit), ZoneOffset.UTC).toString());
  }

  private static byte[] bytes(Object value) {
    if (value instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
