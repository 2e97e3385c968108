package ai.falaj.runtime.grammar;

import static ai.falaj.runtime.grammar.UnsupportedFormatException.malformed;
import static ai.falaj.runtime.grammar.UnsupportedFormatException.unsupported;

import ai.falaj.runtime.grammar.NumberRange.Bound;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keywords of one schema, read as what they must be. Any other value of them is malformed.
 * Immutable.
 *
 * @param path of the schema
 */
record Keywords(JsonNode schema, String path) {

  List<String> names() {
    return schema.properties().stream().map(java.util.Map.Entry::getKey).toList();
  }

  boolean has(String keyword) {
    return schema.has(keyword);
  }

  JsonNode get(String keyword) {
    return schema.get(keyword);
  }

  /** Path of the keyword. */
  String at(String keyword) {
    return JsonPointer.child(path, keyword);
  }

  String text(String keyword) throws UnsupportedFormatException {
    if (!get(keyword).isTextual()) {
      throw malformed(at(keyword), "it must be a string");
    }
    return get(keyword).textValue();
  }

  JsonNode array(String keyword) throws UnsupportedFormatException {
    if (!get(keyword).isArray()) {
      throw malformed(at(keyword), "it must be an array");
    }
    return get(keyword);
  }

  JsonNode object(String keyword) throws UnsupportedFormatException {
    if (!get(keyword).isObject()) {
      throw malformed(at(keyword), "it must be an object");
    }
    return get(keyword);
  }

  /** Strings that differ; none if the keyword is absent. */
  Set<String> texts(String keyword) throws UnsupportedFormatException {
    Set<String> texts = new LinkedHashSet<>();
    if (!has(keyword)) {
      return texts;
    }
    for (JsonNode text : array(keyword)) {
      if (!text.isTextual() || !texts.add(text.textValue())) {
        throw malformed(at(keyword), "it must be an array of strings that differ");
      }
      requireNoLoneSurrogate(text.textValue(), at(keyword));
    }
    return texts;
  }

  /**
   * A number of things.
   *
   * @param absent value if there is no such keyword
   * @param bound that is supported at most
   */
  int count(String keyword, int absent, int bound) throws UnsupportedFormatException {
    if (!has(keyword)) {
      return absent;
    }
    JsonNode value = get(keyword);
    if (!value.isNumber()
        || value.decimalValue().signum() < 0
        || JsonType.of(value) != JsonType.INTEGER) {
      throw malformed(at(keyword), "it must be an integer that is not negative");
    }
    if (value.decimalValue().compareTo(BigDecimal.valueOf(bound)) > 0) {
      throw unsupported(at(keyword), "%s; at most %d is supported".formatted(value, bound));
    }
    return value.decimalValue().intValueExact();
  }

  void requireOrder(String minKeyword, int min, String maxKeyword, int max)
      throws UnsupportedFormatException {
    if (min > max) {
      throw malformed(
          at(minKeyword),
          "%s %d is above %s %d, so nothing satisfies the schema"
              .formatted(minKeyword, min, maxKeyword, max));
    }
  }

  NumberRange lower(String keyword, boolean exclusive) throws UnsupportedFormatException {
    return new NumberRange(bound(keyword, exclusive), Optional.empty());
  }

  NumberRange upper(String keyword, boolean exclusive) throws UnsupportedFormatException {
    return new NumberRange(Optional.empty(), bound(keyword, exclusive));
  }

  static void requireNoLoneSurrogate(String text, String path) throws UnsupportedFormatException {
    if (JsonText.hasLoneSurrogate(text)) {
      throw unsupported(path, "half of a surrogate pair cannot be written");
    }
  }

  private Optional<Bound> bound(String keyword, boolean exclusive)
      throws UnsupportedFormatException {
    if (!has(keyword)) {
      return Optional.empty();
    }
    if (!get(keyword).isNumber()) {
      throw malformed(at(keyword), "it must be a number");
    }
    return Optional.of(new Bound(get(keyword).decimalValue(), exclusive, at(keyword)));
  }
}
