package ai.falaj.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a schema says of a value itself, without references and combinators. Immutable.
 *
 * @param types that are allowed
 * @param values the only ones allowed, if that is said
 */
record Shape(
    Set<JsonType> types,
    Optional<List<JsonNode>> values,
    Strings strings,
    NumberRange numbers,
    Arrays arrays,
    Objects objects) {

  /** Any value at all. */
  static final Shape ANY =
      new Shape(
          JsonType.ALL, Optional.empty(), Strings.ANY, NumberRange.ALL, Arrays.ANY, Objects.ANY);

  /** No value. */
  static final Shape NONE =
      new Shape(Set.of(), Optional.empty(), Strings.ANY, NumberRange.ALL, Arrays.ANY, Objects.ANY);

  /**
   * A pattern that must be found somewhere in a string.
   *
   * @param source regular expression
   * @param path of the keyword
   */
  record Pattern(String source, String path) {}

  /**
   * @param max length in code points, or {@link Integer#MAX_VALUE}
   */
  record Strings(int min, int max, List<Pattern> patterns, Set<String> formats) {
    static final Strings ANY = new Strings(0, Integer.MAX_VALUE, List.of(), Set.of());

    /** The same without lengths, and without formats if they do not count. */
    Strings onlyTexts(boolean withFormats) {
      return new Strings(0, Integer.MAX_VALUE, patterns, withFormats ? formats : Set.of());
    }

    Strings and(Strings other) {
      return new Strings(
          Math.max(min, other.min),
          Math.min(max, other.max),
          concat(patterns, other.patterns),
          union(formats, other.formats));
    }
  }

  /**
   * @param prefix of the first items, one by one
   * @param rest of the items after those
   * @param max number of items, or {@link Integer#MAX_VALUE}
   */
  record Arrays(List<Conjunction> prefix, Conjunction rest, int min, int max) {
    static final Arrays ANY = new Arrays(List.of(), Conjunction.ANY_VALUE, 0, Integer.MAX_VALUE);

    Conjunction item(int index) {
      return index < prefix.size() ? prefix.get(index) : rest;
    }

    Arrays and(Arrays other) {
      List<Conjunction> both = new ArrayList<>();
      for (int i = 0; i < Math.max(prefix.size(), other.prefix.size()); i++) {
        both.add(item(i).and(other.item(i)));
      }
      return new Arrays(
          both, rest.and(other.rest), Math.max(min, other.min), Math.min(max, other.max));
    }
  }

  /**
   * @param properties in the order to write them in
   * @param additional of properties that are not named
   * @param max number of properties, or {@link Integer#MAX_VALUE}
   */
  record Objects(
      Map<String, Conjunction> properties,
      Conjunction additional,
      Set<String> required,
      int min,
      int max) {
    static final Objects ANY =
        new Objects(Map.of(), Conjunction.ANY_VALUE, Set.of(), 0, Integer.MAX_VALUE);

    Conjunction property(String name) {
      return properties.getOrDefault(name, additional);
    }

    Objects and(Objects other) {
      Map<String, Conjunction> both = new LinkedHashMap<>();
      for (String name : union(properties.keySet(), other.properties.keySet())) {
        both.put(name, property(name).and(other.property(name)));
      }
      return new Objects(
          both,
          additional.and(other.additional),
          union(required, other.required),
          Math.max(min, other.min),
          Math.min(max, other.max));
    }
  }

  /** What both say. */
  Shape and(Shape other) {
    Set<JsonType> common = EnumSet.noneOf(JsonType.class);
    common.addAll(types);
    common.retainAll(other.types);
    return new Shape(
        common,
        commonValues(other),
        strings.and(other.strings),
        numbers.and(other.numbers),
        arrays.and(other.arrays),
        objects.and(other.objects));
  }

  /**
   * The types to write. A schema that names no type but speaks of properties, items, lengths or
   * bounds allows every other type as well; its author means the one that he speaks of.
   */
  Set<JsonType> typesToWrite() {
    if (!types.equals(JsonType.ALL)) {
      return types;
    }
    Set<JsonType> spokenOf = EnumSet.noneOf(JsonType.class);
    if (!strings.equals(Strings.ANY)) {
      spokenOf.add(JsonType.STRING);
    }
    if (!numbers.equals(NumberRange.ALL)) {
      spokenOf.addAll(Set.of(JsonType.INTEGER, JsonType.FRACTION));
    }
    if (!arrays.equals(Arrays.ANY)) {
      spokenOf.add(JsonType.ARRAY);
    }
    if (!objects.equals(Objects.ANY)) {
      spokenOf.add(JsonType.OBJECT);
    }
    return spokenOf.isEmpty() ? types : spokenOf;
  }

  private Optional<List<JsonNode>> commonValues(Shape other) {
    if (values.isEmpty() || other.values.isEmpty()) {
      return values.or(() -> other.values);
    }
    return Optional.of(
        values.get().stream()
            .filter(mine -> other.values.get().stream().anyMatch(v -> JsonEquality.equal(mine, v)))
            .toList());
  }

  private static <T> List<T> concat(List<T> first, List<T> second) {
    return List.copyOf(union(first, second));
  }

  private static <T> Set<T> union(
      java.util.Collection<? extends T> first, java.util.Collection<? extends T> second) {
    Set<T> all = new LinkedHashSet<>(first);
    all.addAll(second);
    return all;
  }
}
