package ai.falaj.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** Decides whether a value of {@code enum} or {@code const} has a shape. Confined to one call. */
final class ShapeCheck {

  private final ShapeExpander expander;
  private final StringLanguages strings;

  ShapeCheck(ShapeExpander expander, StringLanguages strings) {
    this.expander = expander;
    this.strings = strings;
  }

  /**
   * @param assertFormats whether {@code format} restricts values. The specification leaves that to
   *     the one who validates; so a value to write must satisfy it, and one to rule out must not
   *     depend on it
   */
  boolean accepts(JsonNode value, Shape shape, boolean assertFormats)
      throws UnsupportedFormatException {
    JsonType type = JsonType.of(value);
    if (!shape.types().contains(type) || !listed(value, shape)) {
      return false;
    }
    return switch (type) {
      case NULL, BOOLEAN -> true;
      case STRING -> acceptsText(value.textValue(), shape.strings(), assertFormats);
      case INTEGER, FRACTION -> shape.numbers().contains(value.decimalValue());
      case ARRAY -> acceptsItems(value, shape.arrays(), assertFormats);
      case OBJECT -> acceptsProperties(value, shape.objects(), assertFormats);
    };
  }

  private static boolean listed(JsonNode value, Shape shape) {
    return shape.values().isEmpty()
        || shape.values().get().stream().anyMatch(v -> JsonEquality.equal(v, value));
  }

  private boolean acceptsText(String text, Shape.Strings wanted, boolean assertFormats)
      throws UnsupportedFormatException {
    int length = text.codePointCount(0, text.length());
    if (length < wanted.min() || length > wanted.max()) {
      return false;
    }
    Shape.Strings rest = wanted.onlyTexts(assertFormats);
    if (rest.equals(Shape.Strings.ANY)) {
      return true;
    }
    boolean undecidable = text.indexOf('\0') >= 0;
    return undecidable ? !assertFormats : strings.automaton(rest, "").accepts(text);
  }

  private boolean acceptsItems(JsonNode array, Shape.Arrays wanted, boolean assertFormats)
      throws UnsupportedFormatException {
    boolean all = array.size() >= wanted.min() && array.size() <= wanted.max();
    for (int i = 0; all && i < array.size(); i++) {
      all = acceptsOneOf(array.get(i), expander.expand(wanted.item(i)), assertFormats);
    }
    return all;
  }

  private boolean acceptsProperties(JsonNode object, Shape.Objects wanted, boolean assertFormats)
      throws UnsupportedFormatException {
    boolean all =
        object.size() >= wanted.min()
            && object.size() <= wanted.max()
            && wanted.required().stream().allMatch(object::has);
    for (Map.Entry<String, JsonNode> property : object.properties()) {
      Conjunction schema = wanted.property(property.getKey());
      all = all && acceptsOneOf(property.getValue(), expander.expand(schema), assertFormats);
    }
    return all;
  }

  private boolean acceptsOneOf(JsonNode value, List<Shape> shapes, boolean assertFormats)
      throws UnsupportedFormatException {
    for (Shape shape : shapes) {
      if (accepts(value, shape, assertFormats)) {
        return true;
      }
    }
    return false;
  }
}
