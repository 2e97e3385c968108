package ai.falaj.jobs.enrich.rows;

import ai.falaj.schemas.ErrorCode;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.avro.Schema;

/** JSON objects; fields that were declared have to be of their types, others may be there. */
public record JsonRowFormat(InputSchema schema) implements RowFormat {

  private static final long serialVersionUID = 1L;

  public JsonRowFormat {
    Objects.requireNonNull(schema, "schema");
  }

  @Override
  public RowReader open() {
    return this::read;
  }

  private Row read(String origin, byte[] value) throws UnreadableRowException {
    JsonNode node;
    try {
      node = JsonRows.MAPPER.readTree(value);
    } catch (JsonProcessingException e) {
      throw unreadable("a record of %s (%d bytes) is no JSON".formatted(origin, value.length));
    } catch (IOException e) {
      throw new UncheckedIOException("an array of bytes cannot be read", e);
    }
    if (!(node instanceof ObjectNode object)) {
      throw unreadable(
          "a record of %s (%d bytes) is no JSON object".formatted(origin, value.length));
    }
    if (schema.recordOrNull() != null) {
      for (Schema.Field field : schema.recordOrNull().getFields()) {
        requireType(origin, field, object.get(field.name()));
      }
    }
    return new JsonRow(object);
  }

  private static void requireType(String origin, Schema.Field field, JsonNode value)
      throws UnreadableRowException {
    if (value == null || value.isNull()) {
      return;
    }
    InputType type = InputType.of(field.schema());
    if (!type.fits(value)) {
      throw unreadable(
          "the field %s of a record of %s is declared as %s, and it is of another type or too large"
              .formatted(field.name(), origin, type));
    }
  }

  private static UnreadableRowException unreadable(String message) {
    return new UnreadableRowException(ErrorCode.UNDECODABLE_RECORD, message);
  }
}
