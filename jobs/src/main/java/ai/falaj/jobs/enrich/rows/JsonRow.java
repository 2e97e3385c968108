package ai.falaj.jobs.enrich.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A record that was read from JSON or CSV. */
public record JsonRow(ObjectNode object) implements Row {

  public JsonRow {
    Objects.requireNonNull(object, "object");
  }

  @Override
  public Object get(String name) {
    return shown(object.get(name));
  }

  @Override
  public ObjectNode toJson() {
    return object.deepCopy();
  }

  private static Object shown(JsonNode value) {
    if (value == null || value.isNull()) {
      return null;
    }
    if (value instanceof ObjectNode nested) {
      return new JsonRow(nested);
    }
    if (value.isArray()) {
      List<Object> elements = new ArrayList<>(value.size());
      value.forEach(element -> elements.add(shown(element)));
      return elements;
    }
    return value.isBoolean() ? (Object) value.booleanValue() : value.asText();
  }
}
