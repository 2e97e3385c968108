package ai.falaj.runtime.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rules under construction. Rules that no finite text satisfies are left out at the end, with the
 * alternatives that need them, so that no branch of the grammar is a dead end. Confined to one
 * call.
 *
 * <p>llama.cpp does not notice left recursion through rules that are empty only by way of others.
 * No rule written here is left-recursive: every recursion reads a character first.
 */
final class GrammarRules {

  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private long chars;

  private record Rule(String path, List<Alternative> alternatives) {}

  /**
   * One way to satisfy a rule.
   *
   * @param gbnf what to match, in GBNF
   * @param needs names of the rules that it refers to
   */
  record Alternative(String gbnf, List<String> needs) {

    static final Alternative EMPTY = new Alternative("\"\"", List.of());

    Alternative {
      needs = List.copyOf(needs);
    }

    static Alternative literal(String text) {
      return new Alternative(Gbnf.literal(text), List.of());
    }

    static Alternative rule(String name) {
      return new Alternative(name, List.of(name));
    }

    static Alternative characters(CharSet set) {
      return new Alternative(Gbnf.characters(set), List.of());
    }

    static Alternative gbnf(String text) {
      return new Alternative(text, List.of());
    }

    /** One after the other. */
    Alternative then(Alternative next) {
      List<String> all = new ArrayList<>(needs);
      all.addAll(next.needs);
      return new Alternative(gbnf + " " + next.gbnf, all);
    }
  }

  /**
   * Names a new rule.
   *
   * @param path of what it stands for, to name if nothing satisfies it
   */
  String declare(String prefix, String path) {
    String name = prefix;
    for (int i = rules.size(); rules.containsKey(name); i++) {
      name = prefix + "-" + i;
    }
    rules.put(name, new Rule(path, new ArrayList<>()));
    return name;
  }

  /** Adds one more way to satisfy a declared rule. */
  void add(String name, Alternative alternative) throws UnsupportedFormatException {
    Rule rule = rules.get(name);
    rule.alternatives.add(alternative);
    chars += alternative.gbnf.length();
    if (chars > Bounds.GRAMMAR_CHARS) {
      throw UnsupportedFormatException.unsupported(
          rule.path,
          "the grammar would be longer than %d characters".formatted(Bounds.GRAMMAR_CHARS));
    }
  }

  String define(String prefix, String path, Alternative alternative)
      throws UnsupportedFormatException {
    String name = declare(prefix, path);
    add(name, alternative);
    return name;
  }

  boolean has(String name) {
    return rules.containsKey(name);
  }

  /**
   * Some texts after each other, as often as wanted.
   *
   * @param rule of one of them; it must read at least one character
   * @param max or {@link Integer#MAX_VALUE} for no bound
   */
  Alternative repeat(String rule, int min, int max, String path) throws UnsupportedFormatException {
    if (max == Integer.MAX_VALUE) {
      return exactly(rule, min, path).then(new Alternative(rule + "*", List.of(rule)));
    }
    return exactly(rule, min, path).then(atMost(rule, max - min, path));
  }

  /** The grammar of the root rule's texts. */
  String toGbnf(String root) throws UnsupportedFormatException {
    Set<String> satisfiable = satisfiable();
    if (!satisfiable.contains(root)) {
      throw UnsupportedFormatException.malformed(
          blame(root, satisfiable), "nothing satisfies the schema here");
    }
    StringBuilder gbnf = new StringBuilder();
    for (String name : reachable(root, satisfiable)) {
      gbnf.append(name).append(" ::= ");
      String separator = "";
      for (Alternative alternative : rules.get(name).alternatives) {
        if (satisfiable.containsAll(alternative.needs)) {
          gbnf.append(separator).append(alternative.gbnf);
          separator = " | ";
        }
      }
      gbnf.append('\n');
    }
    return gbnf.toString();
  }

  private Alternative exactly(String rule, int count, String path)
      throws UnsupportedFormatException {
    int blocks = count / Gbnf.BLOCK;
    int rest = count % Gbnf.BLOCK;
    Alternative whole = Alternative.EMPTY;
    if (blocks > 0) {
      String block = block(rule, path);
      whole = new Alternative(block + "{" + blocks + "}", List.of(block));
    }
    return rest == 0 ? whole : whole.then(new Alternative(rule + "{" + rest + "}", List.of(rule)));
  }

  /** Blocks, then a part of a block: a grammar of n/B + B rules instead of n. */
  private Alternative atMost(String rule, int count, String path)
      throws UnsupportedFormatException {
    if (count <= Bounds.GBNF_REPEATS) {
      return count == 0
          ? Alternative.EMPTY
          : new Alternative(rule + "{0," + count + "}", List.of(rule));
    }
    Alternative partOfBlock = new Alternative(rule + "{0," + (Gbnf.BLOCK - 1) + "}", List.of(rule));
    String part = define(rule + "-part", path, partOfBlock);
    String block = block(rule, path);
    int blocks = count / Gbnf.BLOCK;
    Alternative next = atMost(rule, count % Gbnf.BLOCK, path);
    for (int i = 0; i < blocks; i++) {
      String name = define(rule + "-most", path, Alternative.rule(part));
      add(name, Alternative.rule(block).then(next));
      next = Alternative.rule(name);
    }
    return next;
  }

  private String block(String rule, String path) throws UnsupportedFormatException {
    String name = rule + "-block";
    return has(name)
        ? name
        : define(name, path, new Alternative(rule + "{" + Gbnf.BLOCK + "}", List.of(rule)));
  }

  /** Rules that have a finite text: the least fixed point. */
  private Set<String> satisfiable() {
    Map<String, List<String>> dependents = new LinkedHashMap<>();
    rules.forEach(
        (name, rule) ->
            rule.alternatives.forEach(
                a ->
                    a.needs.forEach(
                        n -> dependents.computeIfAbsent(n, k -> new ArrayList<>()).add(name))));
    Set<String> found = new HashSet<>();
    Deque<String> todo = new ArrayDeque<>(rules.keySet());
    while (!todo.isEmpty()) {
      String name = todo.remove();
      boolean newlyFound =
          !found.contains(name)
              && rules.get(name).alternatives.stream().anyMatch(a -> found.containsAll(a.needs));
      if (newlyFound) {
        found.add(name);
        todo.addAll(dependents.getOrDefault(name, List.of()));
      }
    }
    return found;
  }

  private Set<String> reachable(String root, Set<String> satisfiable) {
    Set<String> reached = new LinkedHashSet<>(List.of(root));
    Deque<String> todo = new ArrayDeque<>(reached);
    while (!todo.isEmpty()) {
      for (Alternative alternative : rules.get(todo.remove()).alternatives) {
        if (satisfiable.containsAll(alternative.needs)) {
          alternative.needs.stream().filter(reached::add).forEach(todo::add);
        }
      }
    }
    return reached;
  }

  /** Path of a rule without any alternative below the root, or the root's where rules circle. */
  private String blame(String root, Set<String> satisfiable) {
    Set<String> seen = new LinkedHashSet<>(List.of(root));
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      Rule rule = rules.get(todo.remove());
      if (rule.alternatives.isEmpty()) {
        return rule.path;
      }
      for (Alternative alternative : rule.alternatives) {
        alternative.needs.stream()
            .filter(need -> !satisfiable.contains(need))
            .filter(seen::add)
            .forEach(todo::add);
      }
    }
    return rules.get(root).path;
  }
}
