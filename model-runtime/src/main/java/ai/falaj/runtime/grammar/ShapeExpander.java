package ai.falaj.runtime.grammar;

import static ai.falaj.runtime.grammar.UnsupportedFormatException.malformed;
import static ai.falaj.runtime.grammar.UnsupportedFormatException.unsupported;

import ai.falaj.runtime.grammar.SchemaNode.Choice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Multiplies references and combinators out: what a schema allows becomes a list of {@link Shape}s,
 * of which a value must have one. Confined to one call.
 */
final class ShapeExpander {

  private final Map<String, SchemaNode> schemas;
  private final Map<String, List<Shape>> shapes = new HashMap<>();
  private final Set<String> inProgress = new LinkedHashSet<>();
  private final Deque<ExclusiveChoice> unchecked = new ArrayDeque<>();
  private final Disjointness disjointness;
  private int combinations;

  /** The shapes of each branch of a {@code oneOf}. */
  private record ExclusiveChoice(String path, List<List<Shape>> branches) {}

  ShapeExpander(Map<String, SchemaNode> schemas, StringLanguages strings) {
    this.schemas = schemas;
    this.disjointness = new Disjointness(this, strings);
  }

  /** None if nothing satisfies all of the schemas. */
  List<Shape> expand(Conjunction conjunction) throws UnsupportedFormatException {
    List<Shape> all = List.of(Shape.ANY);
    for (String path : conjunction.paths()) {
      all = product(all, expand(path), path);
    }
    return all;
  }

  /**
   * Checks each {@code oneOf} that was met since the last call. Apart from expanding, as the check
   * looks into properties and items, which may refer back to what is being expanded.
   */
  void requireDisjointBranches() throws UnsupportedFormatException {
    while (!unchecked.isEmpty()) {
      ExclusiveChoice choice = unchecked.remove();
      for (int i = 0; i < choice.branches.size(); i++) {
        for (int j = i + 1; j < choice.branches.size(); j++) {
          requireDisjoint(choice, i, j);
        }
      }
    }
  }

  private List<Shape> expand(String path) throws UnsupportedFormatException {
    List<Shape> known = shapes.get(path);
    if (known != null) {
      return known;
    }
    if (!inProgress.add(path)) {
      throw malformed(path, "the schema applies itself to the same value, without end");
    }
    if (inProgress.size() > Bounds.REFERENCE_CHAIN) {
      throw unsupported(
          path,
          "a chain of more than %d references and combinators for one value"
              .formatted(Bounds.REFERENCE_CHAIN));
    }
    List<Shape> expanded = expand(schemas.get(path));
    inProgress.remove(path);
    shapes.put(path, expanded);
    return expanded;
  }

  private List<Shape> expand(SchemaNode schema) throws UnsupportedFormatException {
    List<Shape> all = List.of(schema.own());
    if (schema.reference().isPresent()) {
      String target = schema.reference().get();
      if (!schemas.containsKey(target)) {
        throw malformed(JsonPointer.child(schema.path(), "$ref"), "no schema is at #" + target);
      }
      all = product(all, expand(target), schema.path());
    }
    for (String path : schema.allOf()) {
      all = product(all, expand(path), schema.path());
    }
    for (Choice choice : schema.choices()) {
      List<List<Shape>> branches = new ArrayList<>();
      for (String branch : choice.branches()) {
        branches.add(product(all, expand(branch), choice.path()));
      }
      if (choice.exclusive()) {
        unchecked.add(new ExclusiveChoice(choice.path(), branches));
      }
      all = branches.stream().flatMap(List::stream).toList();
      requireSize(all.size(), choice.path());
    }
    return all;
  }

  private void requireDisjoint(ExclusiveChoice choice, int first, int second)
      throws UnsupportedFormatException {
    for (Shape one : choice.branches.get(first)) {
      for (Shape other : choice.branches.get(second)) {
        count(choice.path);
        if (!disjointness.provable(one, other)) {
          throw unsupported(
              choice.path,
              "branches %d and %d may both match a value; give them different types, or a required property with different constants, or use anyOf"
                  .formatted(first, second));
        }
      }
    }
  }

  private List<Shape> product(List<Shape> some, List<Shape> others, String path)
      throws UnsupportedFormatException {
    List<Shape> all = new ArrayList<>();
    for (Shape one : some) {
      for (Shape other : others) {
        count(path);
        Shape both = one.and(other);
        if (!both.types().isEmpty()) {
          all.add(both);
        }
      }
    }
    requireSize(all.size(), path);
    return all;
  }

  private void requireSize(int alternatives, String path) throws UnsupportedFormatException {
    if (alternatives > Bounds.ALTERNATIVES) {
      throw unsupported(
          path,
          "more than %d alternatives once combinators are multiplied out"
              .formatted(Bounds.ALTERNATIVES));
    }
  }

  private void count(String path) throws UnsupportedFormatException {
    if (++combinations > Bounds.COMBINATIONS) {
      throw unsupported(
          path, "schemas are combined in more than %d ways".formatted(Bounds.COMBINATIONS));
    }
  }
}
