package ai.falaj.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Proves that two branches of a {@code oneOf} have no value in common, or gives up. A branch is
 * compared as it is written (with the types that its author means) to the other as a validator
 * reads it (without formats), and the other way round. Confined to one call.
 */
final class Disjointness {

  /** Properties and items are looked into this deep. */
  private static final int MAX_DEPTH = 4;

  private final ShapeExpander expander;
  private final StringLanguages strings;
  private final ShapeCheck check;

  Disjointness(ShapeExpander expander, StringLanguages strings) {
    this.expander = expander;
    this.strings = strings;
    this.check = new ShapeCheck(expander, strings);
  }

  boolean provable(Shape one, Shape other) throws UnsupportedFormatException {
    return neverMatches(one, other, MAX_DEPTH) && neverMatches(other, one, MAX_DEPTH);
  }

  /** Whether no value that is written for one shape is valid against the other. */
  private boolean neverMatches(Shape written, Shape other, int depth)
      throws UnsupportedFormatException {
    Set<JsonType> common = new LinkedHashSet<>(written.typesToWrite());
    common.retainAll(other.types());
    if (written.values().isPresent()) {
      return noneAccepted(written.values().get(), written, other);
    }
    if (other.values().isPresent()) {
      return noneAccepted(other.values().get(), written, other);
    }
    for (JsonType type : common) {
      boolean disjoint =
          switch (type) {
            case NULL, BOOLEAN -> false;
            case STRING -> areDisjoint(written.strings(), other.strings());
            case INTEGER, FRACTION -> written.numbers().and(other.numbers()).isEmpty();
            case ARRAY -> areDisjoint(written.arrays(), other.arrays(), depth);
            case OBJECT -> areDisjoint(written.objects(), other.objects(), depth);
          };
      if (!disjoint) {
        return false;
      }
    }
    return true;
  }

  private boolean noneAccepted(Iterable<JsonNode> values, Shape one, Shape other)
      throws UnsupportedFormatException {
    for (JsonNode value : values) {
      if (check.accepts(value, one, false) && check.accepts(value, other, false)) {
        return false;
      }
    }
    return true;
  }

  private boolean areDisjoint(Shape.Strings written, Shape.Strings other)
      throws UnsupportedFormatException {
    if (written.min() > other.max() || other.min() > written.max()) {
      return true;
    }
    Shape.Strings both = written.and(other.onlyTexts(false)).onlyTexts(true);
    return !both.patterns().isEmpty() && strings.automaton(both, "").isEmpty();
  }

  private boolean areDisjoint(Shape.Arrays written, Shape.Arrays other, int depth)
      throws UnsupportedFormatException {
    if (written.min() > other.max() || other.min() > written.max()) {
      return true;
    }
    for (int i = 0; i < Math.max(written.min(), other.min()); i++) {
      if (neverMatch(written.item(i), other.item(i), depth - 1)) {
        return true;
      }
      if (i >= written.prefix().size() && i >= other.prefix().size()) {
        return false;
      }
    }
    return false;
  }

  private boolean areDisjoint(Shape.Objects written, Shape.Objects other, int depth)
      throws UnsupportedFormatException {
    Set<String> inOne = new LinkedHashSet<>(written.required());
    inOne.addAll(other.required());
    for (String name : inOne) {
      if (neverMatch(written.property(name), other.property(name), depth - 1)) {
        return true;
      }
    }
    return false;
  }

  private boolean neverMatch(Conjunction written, Conjunction other, int depth)
      throws UnsupportedFormatException {
    if (depth == 0) {
      return false;
    }
    for (Shape one : expander.expand(written)) {
      for (Shape two : expander.expand(other)) {
        if (!neverMatches(one, two, depth)) {
          return false;
        }
      }
    }
    return true;
  }
}
