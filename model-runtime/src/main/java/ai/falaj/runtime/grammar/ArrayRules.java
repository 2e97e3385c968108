package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.GrammarRules.Alternative;

/** Writes the rules of an array. Confined to one call. */
final class ArrayRules {

  private final SchemaCompiler values;
  private final GrammarRules rules;
  private final JsonRules json;
  private final String path;

  ArrayRules(SchemaCompiler values, GrammarRules rules, JsonRules json, String path) {
    this.values = values;
    this.rules = rules;
    this.json = json;
    this.path = path;
  }

  Alternative write(Shape.Arrays wanted, String prefix) throws UnsupportedFormatException {
    String name = rules.declare(prefix + "-array", path);
    if (wanted.min() == 0) {
      rules.add(name, Alternative.literal("[]"));
    }
    if (wanted.max() > 0 && wanted.min() <= wanted.max()) {
      rules.add(
          name,
          Alternative.literal("[")
              .then(values.value(wanted.item(0)))
              .then(after(1, wanted, name))
              .then(Alternative.literal("]")));
    }
    return Alternative.rule(name);
  }

  /** What may follow some items: the end, or a comma and the next one. */
  private Alternative after(int items, Shape.Arrays wanted, String name)
      throws UnsupportedFormatException {
    int last = Math.min(Math.max(wanted.prefix().size(), 1), wanted.max());
    Alternative next = afterPrefix(last, wanted, name);
    for (int index = last - 1; index >= items; index--) {
      String rule = rules.declare(name + "-" + index, path);
      if (index >= wanted.min()) {
        rules.add(rule, Alternative.EMPTY);
      }
      rules.add(rule, json.comma().then(values.value(wanted.item(index))).then(next));
      next = Alternative.rule(rule);
    }
    return next;
  }

  private Alternative afterPrefix(int items, Shape.Arrays wanted, String name)
      throws UnsupportedFormatException {
    String rule = rules.declare(name + "-rest", path);
    if (items >= wanted.min()) {
      rules.add(rule, Alternative.EMPTY);
    }
    if (items < wanted.max()) {
      int min = Math.max(1, wanted.min() - items);
      int max = wanted.max() == Integer.MAX_VALUE ? Integer.MAX_VALUE : wanted.max() - items;
      Alternative item = json.comma().then(values.value(wanted.rest()));
      String more = rules.define(name + "-more", path, item);
      rules.add(rule, rules.repeat(more, min, max, path));
    }
    return Alternative.rule(rule);
  }
}
