package ai.falaj.operators;

import ai.falaj.runtime.OutputFormat;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Iterator;
import java.util.Set;

/**
 * Reads {@code response_format}. An object whose {@code type} is {@code text}, {@code json_object}
 * or {@code json_schema} is OpenAI's; any other object is a JSON Schema itself. No JSON Schema has
 * one of these as its type, so there is nothing to guess. What the schema says is the engine's to
 * judge. Stateless.
 */
final class ResponseFormat {

  private static final String NAME = "response_format";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private ResponseFormat() {}

  /**
   * @throws IllegalArgumentException naming the place and what would be right
   */
  static OutputFormat parse(String text) {
    JsonNode format = read(text);
    if (!format.isObject()) {
      throw new IllegalArgumentException(
          NAME + " is no JSON object; it must be one, a format of OpenAI's or a JSON Schema");
    }
    JsonNode type = format.path("type");
    if (!type.isTextual()) {
      return new OutputFormat.JsonSchema(text);
    }
    switch (type.textValue()) {
      case "text":
        requireFieldsAmong(format, NAME, Set.of("type"));
        return OutputFormat.TEXT;
      case "json_object":
        requireFieldsAmong(format, NAME, Set.of("type"));
        return new OutputFormat.JsonObject();
      case "json_schema":
        requireFieldsAmong(format, NAME, Set.of("type", "json_schema"));
        return new OutputFormat.JsonSchema(schemaOf(format.path("json_schema")));
      default:
        return new OutputFormat.JsonSchema(text);
    }
  }

  private static JsonNode read(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new IllegalArgumentException(
          NAME + " is no JSON" + (column > 0 ? " at column " + column : "") + "; correct it", e);
    }
  }

  private static String schemaOf(JsonNode named) {
    String place = NAME + ".json_schema";
    if (!named.isObject()) {
      throw new IllegalArgumentException(
          place + " is no object; it must be one that has the JSON Schema as schema");
    }
    requireFieldsAmong(named, place, Set.of("name", "description", "strict", "schema"));
    if (!named.path("schema").isObject()) {
      throw new IllegalArgumentException(place + ".schema is no object; it must be a JSON Schema");
    }
    return named.path("schema").toString();
  }

  /** A field that is not understood might ask for something else than what would be served. */
  private static void requireFieldsAmong(JsonNode object, String place, Set<String> known) {
    Iterator<String> names = object.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "%s has the field '%s'; it may have %s"
                .formatted(
                    place, Texts.shown(name), String.join(", ", known.stream().sorted().toList())));
      }
    }
  }
}
