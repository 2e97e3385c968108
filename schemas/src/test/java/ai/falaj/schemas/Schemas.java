package ai.falaj.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.Consumer;
import org.apache.avro.Schema;

/** Other versions of a schema, as evolution makes them. */
public final class Schemas {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Schemas() {}

  public static Schema withoutField(Schema schema, String name) {
    return changed(
        schema,
        json -> {
          Iterator<JsonNode> fields = json.get("fields").iterator();
          while (fields.hasNext()) {
            if (fields.next().get("name").asText().equals(name)) {
              fields.remove();
            }
          }
        });
  }

  /** Puts a new field in front of the others. */
  public static Schema withField(Schema schema, String field) {
    return changed(schema, json -> ((ArrayNode) json.get("fields")).insert(0, parse(field)));
  }

  /** Puts a new symbol in front of the others of a nested enum. */
  public static Schema withSymbol(Schema schema, String enumName, String symbol) {
    return changed(
        schema,
        json ->
            json.findParents("symbols").stream()
                .filter(type -> type.get("name").asText().equals(enumName))
                .forEach(type -> ((ArrayNode) type.get("symbols")).insert(0, symbol)));
  }

  private static Schema changed(Schema schema, Consumer<ObjectNode> change) {
    ObjectNode json = (ObjectNode) parse(schema.toString());
    change.accept(json);
    return new Schema.Parser().parse(json.toString());
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
