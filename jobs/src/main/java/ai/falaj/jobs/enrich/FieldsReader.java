package ai.falaj.jobs.enrich;

import ai.falaj.operators.fields.FieldConstraint;
import ai.falaj.operators.fields.MatchingPattern;
import ai.falaj.operators.fields.OutputField;
import ai.falaj.operators.fields.OutputType;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code output.fields}: a type by name, or an object with {@code type}, constraints, {@code
 * nullable} and {@code description}. Stateless.
 */
final class FieldsReader {

  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+), *(\\d+)\\)");

  private static final Set<String> KEYS =
      new TreeSet<>(
          List.of(
              "type",
              "nullable",
              "description",
              "enum",
              "pattern",
              "minimum",
              "maximum",
              "min-length",
              "max-length",
              "min-items",
              "max-items",
              "items",
              "fields"));

  private FieldsReader() {}

  /**
   * @throws IllegalArgumentException naming the place and what would be right
   */
  static List<OutputField> read(Map<String, JsonNode> fields, String place) {
    List<OutputField> read = new ArrayList<>();
    fields.forEach((name, node) -> read.add(field(name, node, place + "." + name)));
    return read;
  }

  private static OutputField field(String name, JsonNode node, String place) {
    if (node.isTextual()) {
      return OutputField.required(name, type(node.textValue(), node, place));
    }
    if (!node.isObject() || !node.path("type").isTextual()) {
      throw invalid(place, "it must be a type, or have one as 'type'");
    }
    for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (!KEYS.contains(key)) {
        throw invalid(
            place, "'%s' is not known here; known are %s".formatted(key, String.join(", ", KEYS)));
      }
    }
    OutputType type = type(node.path("type").textValue(), node, place);
    try {
      return new OutputField(
          name,
          type,
          truth(node, "nullable", place),
          node.path("description").asText(""),
          constraints(node, place));
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith("output.fields") ? e : invalid(place, e.getMessage());
    }
  }

  private static OutputType type(String name, JsonNode node, String place) {
    Matcher decimal = DECIMAL.matcher(name.toLowerCase(Locale.ROOT));
    if (decimal.matches()) {
      return OutputType.decimal(
          Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "string" -> OutputType.Scalar.STRING;
      case "boolean" -> OutputType.Scalar.BOOLEAN;
      case "int" -> OutputType.Scalar.INT;
      case "bigint" -> OutputType.Scalar.BIGINT;
      case "double" -> OutputType.Scalar.DOUBLE;
      case "date" -> OutputType.Scalar.DATE;
      case "timestamp" -> OutputType.Scalar.TIMESTAMP;
      case "timestamp_ltz" -> OutputType.Scalar.TIMESTAMP_LTZ;
      case "array" -> {
        if (!node.has("items")) {
          throw invalid(place, "an array needs the type of its elements as 'items'");
        }
        yield new OutputType.Array(field("element", node.get("items"), place + ".items"));
      }
      case "row" -> {
        if (!node.path("fields").isObject()) {
          throw invalid(place, "a row needs 'fields'");
        }
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        node.get("fields").properties().forEach(e -> fields.put(e.getKey(), e.getValue()));
        yield new OutputType.Row(read(fields, place + ".fields"));
      }
      default ->
          throw invalid(
              place,
              "its type is '%s'; it must be string, boolean, int, bigint, double, decimal(P, S), date, timestamp, timestamp_ltz, array or row"
                  .formatted(name));
    };
  }

  private static List<FieldConstraint> constraints(JsonNode node, String place) {
    List<FieldConstraint> found = new ArrayList<>();
    if (node.has("enum")) {
      List<String> values = new ArrayList<>();
      node.get("enum").forEach(value -> values.add(value.asText()));
      found.add(new FieldConstraint.OneOf(values));
    }
    if (node.has("pattern")) {
      found.add(new MatchingPattern(node.get("pattern").asText()));
    }
    if (node.has("minimum")) {
      found.add(new FieldConstraint.AtLeast(number(node, "minimum", place).decimalValue()));
    }
    if (node.has("maximum")) {
      found.add(new FieldConstraint.AtMost(number(node, "maximum", place).decimalValue()));
    }
    if (node.has("min-length")) {
      found.add(new FieldConstraint.MinLength(number(node, "min-length", place).intValue()));
    }
    if (node.has("max-length")) {
      found.add(new FieldConstraint.MaxLength(number(node, "max-length", place).intValue()));
    }
    if (node.has("min-items")) {
      found.add(new FieldConstraint.MinItems(number(node, "min-items", place).intValue()));
    }
    if (node.has("max-items")) {
      found.add(new FieldConstraint.MaxItems(number(node, "max-items", place).intValue()));
    }
    return found;
  }

  private static JsonNode number(JsonNode node, String key, String place) {
    if (!node.get(key).isNumber()) {
      throw invalid(
          place, "%s is '%s'; it must be a number".formatted(key, node.get(key).asText()));
    }
    return node.get(key);
  }

  private static boolean truth(JsonNode node, String key, String place) {
    if (node.has(key) && !node.get(key).isBoolean()) {
      throw invalid(place, key + " is '" + node.get(key).asText() + "'; it must be true or false");
    }
    return node.path(key).asBoolean(false);
  }

  private static IllegalArgumentException invalid(String place, String message) {
    return new IllegalArgumentException(place + ": " + message);
  }
}
