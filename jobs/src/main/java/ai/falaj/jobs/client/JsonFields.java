package ai.falaj.jobs.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Typed access to the fields of a JSON object, with messages that a user can act on. A field that
 * is absent or null is empty. Confined to one thread.
 */
final class JsonFields {

  private final String path;
  private final JsonNode object;

  /**
   * @param path where the object stands, for messages: empty for the line itself, else such as
   *     {@code messages[0].}
   */
  JsonFields(String path, JsonNode object) {
    this.path = path;
    this.object = object;
  }

  /** Refuses names that are not among these, and two names of one field. */
  void requireNamesAmong(Map<String, String> canonicalByName) throws PromptJsonException {
    Set<String> seen = new LinkedHashSet<>();
    for (String name : names()) {
      String canonical = canonicalByName.get(name);
      if (canonical == null) {
        throw new PromptJsonException(unknown(name, canonicalByName.keySet()));
      }
      if (!seen.add(canonical)) {
        throw new PromptJsonException(path + name + " is given twice, under two names; give one");
      }
    }
  }

  private String unknown(String name, Collection<String> known) {
    return FieldName.nearest(name, known)
        .map(near -> "unknown field " + path + name + "; did you mean " + near + "?")
        .orElseGet(
            () -> "unknown field " + path + name + "; known are " + String.join(", ", known));
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  Optional<JsonNode> node(String name) {
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  Optional<JsonNode> firstOf(String... names) {
    for (String name : names) {
      Optional<JsonNode> value = node(name);
      if (value.isPresent()) {
        return value;
      }
    }
    return Optional.empty();
  }

  Optional<String> text(String... names) throws PromptJsonException {
    Optional<JsonNode> value = firstOf(names);
    if (value.isPresent() && !value.get().isTextual()) {
      throw wrongType(names[0], value.get(), "a string");
    }
    return value.map(JsonNode::textValue);
  }

  Optional<String> nonBlankText(String... names) throws PromptJsonException {
    Optional<String> value = text(names);
    if (value.isPresent() && value.get().isBlank()) {
      throw new PromptJsonException(path + names[0] + " is empty; give it a value or leave it out");
    }
    return value;
  }

  Optional<Integer> integer(String name) throws PromptJsonException {
    Optional<Long> value = longInteger(name);
    if (value.isPresent() && value.get() != value.get().intValue()) {
      throw new PromptJsonException(path + name + " is " + value.get() + "; it is out of range");
    }
    return value.map(Long::intValue);
  }

  /** A whole number; {@code 3.0} is one as well. */
  Optional<Long> longInteger(String name) throws PromptJsonException {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!value.get().isNumber()) {
      throw wrongType(name, value.get(), "a whole number");
    }
    BigDecimal number = value.get().decimalValue();
    try {
      return Optional.of(number.longValueExact());
    } catch (ArithmeticException e) {
      throw new PromptJsonException(path + name + " is " + number + "; it must be a whole number");
    }
  }

  Optional<Double> number(String name) throws PromptJsonException {
    Optional<JsonNode> value = node(name);
    if (value.isPresent() && !value.get().isNumber()) {
      throw wrongType(name, value.get(), "a number");
    }
    return value.map(JsonNode::doubleValue);
  }

  Optional<Boolean> bool(String name) throws PromptJsonException {
    Optional<JsonNode> value = node(name);
    if (value.isPresent() && !value.get().isBoolean()) {
      throw wrongType(name, value.get(), "true or false");
    }
    return value.map(JsonNode::booleanValue);
  }

  /** A list of strings; a single string is a list of one. */
  List<String> texts(String name) throws PromptJsonException {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get().isTextual()) {
      return List.of(value.get().textValue());
    }
    if (!value.get().isArray()) {
      throw wrongType(name, value.get(), "a string or a list of strings");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value.get()) {
      if (!element.isTextual()) {
        throw wrongType(name + "[" + texts.size() + "]", element, "a string");
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  /** An object whose values are strings, numbers or booleans, as text. */
  Map<String, String> textMap(String name) throws PromptJsonException {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return Map.of();
    }
    if (!value.get().isObject()) {
      throw wrongType(name, value.get(), "an object");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.get().properties()) {
      if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
        throw wrongType(name + "." + entry.getKey(), entry.getValue(), "a string or a number");
      }
      texts.put(entry.getKey(), entry.getValue().asText());
    }
    return texts;
  }

  /** An object whose values are numbers. */
  Map<String, Double> numberMap(String name) throws PromptJsonException {
    Optional<JsonNode> value = node(name);
    if (value.isEmpty()) {
      return Map.of();
    }
    if (!value.get().isObject()) {
      throw wrongType(name, value.get(), "an object");
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.get().properties()) {
      if (!entry.getValue().isNumber()) {
        throw wrongType(name + "." + entry.getKey(), entry.getValue(), "a number");
      }
      numbers.put(entry.getKey(), entry.getValue().doubleValue());
    }
    return numbers;
  }

  /** Access to an object that stands in a field of this one. */
  JsonFields inside(String name, JsonNode inner) {
    return new JsonFields(path + name + ".", inner);
  }

  PromptJsonException missing(String name) {
    return new PromptJsonException(path + name + " is missing; give it");
  }

  /**
   * @param problem begins with the name of a field here
   */
  PromptJsonException problem(String problem) {
    return new PromptJsonException(path + problem);
  }

  PromptJsonException wrongType(String name, JsonNode value, String wanted) {
    JsonNodeType type = value.getNodeType();
    String found =
        switch (type) {
          case ARRAY -> "a list";
          case OBJECT -> "an object";
          case NULL -> "null";
          default -> "a " + type.name().toLowerCase(Locale.ROOT);
        };
    return new PromptJsonException(path + name + " is " + found + "; it must be " + wanted);
  }
}
