package ai.falaj.runtime.grammar;

import java.util.List;
import java.util.TreeSet;

/**
 * Schemas that a value must satisfy all, by their paths. Equal sets are equal values, so that a
 * recursive schema leads to a finite number of them. Immutable.
 *
 * @param paths JSON Pointers, sorted; none: any value will do
 */
record Conjunction(List<String> paths) {

  static final Conjunction ANY_VALUE = new Conjunction(List.of());

  Conjunction {
    paths = List.copyOf(new TreeSet<>(paths));
  }

  static Conjunction of(String path) {
    return new Conjunction(List.of(path));
  }

  Conjunction and(Conjunction other) {
    TreeSet<String> all = new TreeSet<>(paths);
    all.addAll(other.paths);
    return new Conjunction(List.copyOf(all));
  }

  boolean isAnyValue() {
    return paths.isEmpty();
  }
}
