package ai.falaj.operators.fields;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the JSON that a model wrote, field by field, up to the first thing that is wrong.
 * Stateless.
 */
final class OutputReader {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final String FENCE = "```";

  private OutputReader() {}

  static ParsedOutput read(List<OutputField> fields, String text) {
    try {
      Map<String, Object> values = readObject(fields, parse(text), "");
      return new ParsedOutput.Values(new ArrayList<>(values.values()));
    } catch (InvalidOutputException e) {
      return new ParsedOutput.Invalid(e.problem());
    }
  }

  private static JsonNode parse(String text) throws InvalidOutputException {
    try {
      JsonNode node = MAPPER.readTree(withoutFence(text));
      if (node.isMissingNode()) {
        throw new InvalidOutputException(OutputErrorCode.NOT_JSON, "", "the answer is empty");
      }
      return node;
    } catch (JsonProcessingException e) {
      if (isEarlyEnd(e)) {
        throw new InvalidOutputException(
            OutputErrorCode.TRUNCATED,
            "",
            "the JSON ends before its end, after %d characters".formatted(text.length()));
      }
      String place =
          e.getLocation() == null
              ? ""
              : " at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw new InvalidOutputException(
          OutputErrorCode.NOT_JSON, "", "the answer is not one JSON object" + place);
    }
  }

  /** Between the elements of an array, Jackson has only the message to tell it by. */
  private static boolean isEarlyEnd(JsonProcessingException e) {
    return e instanceof JsonEOFException
        || e.getOriginalMessage().startsWith("Unexpected end-of-input");
  }

  /** What stands in a Markdown code fence, if the whole text is one. */
  private static String withoutFence(String text) {
    String stripped = text.strip();
    int firstLineEnd = stripped.indexOf('\n');
    boolean fenced =
        stripped.startsWith(FENCE)
            && stripped.endsWith(FENCE)
            && firstLineEnd > 0
            && firstLineEnd < stripped.length() - FENCE.length();
    return fenced ? stripped.substring(firstLineEnd, stripped.length() - FENCE.length()) : stripped;
  }

  private static Map<String, Object> readObject(
      List<OutputField> fields, JsonNode node, String path) throws InvalidOutputException {
    if (!node.isObject()) {
      throw wrongType("an object", node, path);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (OutputField field : fields) {
      JsonNode value = node.get(field.name());
      if (value == null) {
        throw new InvalidOutputException(
            OutputErrorCode.MISSING_FIELD, child(path, field.name()), "the field is missing");
      }
      values.put(field.name(), readField(field, value, child(path, field.name())));
    }
    requireNoOthers(values, node, path);
    return values;
  }

  private static void requireNoOthers(Map<String, Object> known, JsonNode node, String path)
      throws InvalidOutputException {
    Iterator<String> names = node.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (!known.containsKey(name)) {
        throw new InvalidOutputException(
            OutputErrorCode.UNEXPECTED_FIELD,
            child(path, OutputProblem.shown(name)),
            "there is no such field");
      }
    }
  }

  private static Object readField(OutputField field, JsonNode node, String path)
      throws InvalidOutputException {
    if (node.isNull()) {
      if (field.nullable()) {
        return null;
      }
      throw new InvalidOutputException(
          OutputErrorCode.UNEXPECTED_NULL, path, "it is null and must not be");
    }
    Object value = readValue(field.type(), node, path);
    for (FieldConstraint constraint : field.constraints()) {
      Optional<OutputProblem> problem = constraint.check(value);
      if (problem.isPresent()) {
        throw new InvalidOutputException(problem.get().at(path));
      }
    }
    return value;
  }

  private static Object readValue(OutputType type, JsonNode node, String path)
      throws InvalidOutputException {
    if (type instanceof OutputType.Array array) {
      if (!node.isArray()) {
        throw wrongType("an array", node, path);
      }
      List<Object> elements = new ArrayList<>(node.size());
      for (int i = 0; i < node.size(); i++) {
        elements.add(readField(array.element(), node.get(i), path + "/" + i));
      }
      return Collections.unmodifiableList(elements);
    }
    if (type instanceof OutputType.Row row) {
      return Collections.unmodifiableMap(readObject(row.fields(), node, path));
    }
    return ScalarReader.read(type, node, path);
  }

  static InvalidOutputException wrongType(String wanted, JsonNode node, String path) {
    String found =
        switch (node.getNodeType()) {
          case ARRAY -> "an array";
          case OBJECT -> "an object";
          case STRING -> "a string";
          case NUMBER -> "a number";
          case BOOLEAN -> "a boolean";
          default -> "null";
        };
    return new InvalidOutputException(
        OutputErrorCode.WRONG_TYPE, path, "it is %s; %s is wanted".formatted(found, wanted));
  }

  /** A JSON Pointer. */
  private static String child(String path, String name) {
    return path + "/" + name.replace("~", "~0").replace("/", "~1");
  }
}
