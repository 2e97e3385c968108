package ai.falaj.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Types of JSON values that do not overlap: JSON Schema's {@code number} is two of them. */
enum JsonType {
  NULL,
  BOOLEAN,
  STRING,
  INTEGER,
  /** A number with a fraction that is not zero. */
  FRACTION,
  ARRAY,
  OBJECT;

  static final Set<JsonType> ALL = Collections.unmodifiableSet(EnumSet.allOf(JsonType.class));

  /** What a name in the keyword {@code type} stands for. */
  static Optional<Set<JsonType>> named(String name) {
    return switch (name) {
      case "null" -> Optional.of(EnumSet.of(NULL));
      case "boolean" -> Optional.of(EnumSet.of(BOOLEAN));
      case "string" -> Optional.of(EnumSet.of(STRING));
      case "integer" -> Optional.of(EnumSet.of(INTEGER));
      case "number" -> Optional.of(EnumSet.of(INTEGER, FRACTION));
      case "array" -> Optional.of(EnumSet.of(ARRAY));
      case "object" -> Optional.of(EnumSet.of(OBJECT));
      default -> Optional.empty();
    };
  }

  static JsonType of(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL -> NULL;
      case BOOLEAN -> BOOLEAN;
      case STRING -> STRING;
      case NUMBER -> value.decimalValue().stripTrailingZeros().scale() <= 0 ? INTEGER : FRACTION;
      case ARRAY -> ARRAY;
      case OBJECT -> OBJECT;
      default -> throw new IllegalArgumentException("no JSON value: " + value.getNodeType());
    };
  }
}
