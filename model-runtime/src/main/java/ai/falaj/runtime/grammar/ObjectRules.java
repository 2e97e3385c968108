package ai.falaj.runtime.grammar;

import static ai.falaj.runtime.grammar.UnsupportedFormatException.unsupported;

import ai.falaj.runtime.grammar.GrammarRules.Alternative;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes the rules of an object. Named properties come in the order of the schema, then those that
 * are only required, then others, if there are any:
 *
 * <ul>
 *   <li>an object that names no property has keys of the model's choice,
 *   <li>one that does has others only if the schema says what they are. That any others would be
 *       valid too, as JSON Schema has it by default, does not mean that someone wants them.
 * </ul>
 *
 * Confined to one call.
 */
final class ObjectRules {

  private final SchemaCompiler values;
  private final GrammarRules rules;
  private final JsonRules json;
  private final String path;

  ObjectRules(SchemaCompiler values, GrammarRules rules, JsonRules json, String path) {
    this.values = values;
    this.rules = rules;
    this.json = json;
    this.path = path;
  }

  Alternative write(Shape.Objects wanted, String prefix) throws UnsupportedFormatException {
    Set<String> named = new LinkedHashSet<>(wanted.properties().keySet());
    named.addAll(wanted.required());
    String name = rules.declare(prefix + "-object", path);
    if (named.isEmpty()) {
      writeMap(wanted, name);
    } else if (wanted.required().size() <= wanted.max()) {
      writeNamed(wanted, new ArrayList<>(named), name);
    }
    return Alternative.rule(name);
  }

  private void writeMap(Shape.Objects wanted, String name) throws UnsupportedFormatException {
    if (wanted.min() == 0) {
      rules.add(name, Alternative.literal("{}"));
    }
    if (wanted.max() > 0 && wanted.min() <= wanted.max()) {
      Alternative pair = json.key().then(json.colon()).then(values.value(wanted.additional()));
      int max = wanted.max() == Integer.MAX_VALUE ? Integer.MAX_VALUE : wanted.max() - 1;
      rules.add(
          name,
          Alternative.literal("{")
              .then(list(pair, Math.max(1, wanted.min()) - 1, max, name))
              .then(Alternative.literal("}")));
    }
  }

  private void writeNamed(Shape.Objects wanted, List<String> named, String name)
      throws UnsupportedFormatException {
    int others = others(wanted, named);
    String rest = rules.declare(name + "-rest-" + named.size(), path);
    String after = rules.declare(name + "-after-" + named.size(), path);
    rules.add(after, Alternative.EMPTY);
    if (others > 0) {
      Alternative pair =
          json.keyBut(named, path).then(json.colon()).then(values.value(wanted.additional()));
      int max = others == Integer.MAX_VALUE ? others : others - 1;
      rules.add(rest, list(pair, 0, max, name));
      rules.add(after, json.comma().then(Alternative.rule(rest)));
    }
    boolean requiredLater = false;
    for (int i = named.size() - 1; i >= 0; i--) {
      String key = named.get(i);
      boolean required = wanted.required().contains(key);
      Alternative pair =
          Alternative.literal(JsonText.quoted(key))
              .then(json.colon())
              .then(values.value(wanted.property(key)));
      String restHere = rules.declare(name + "-rest-" + i, path);
      rules.add(restHere, pair.then(Alternative.rule(after)));
      if (!required) {
        rules.add(restHere, Alternative.rule(rest));
      }
      requiredLater |= required;
      after = rules.declare(name + "-after-" + i, path);
      if (!requiredLater) {
        rules.add(after, Alternative.EMPTY);
      }
      rules.add(after, json.comma().then(Alternative.rule(restHere)));
      rest = restHere;
    }
    if (!requiredLater) {
      rules.add(name, Alternative.literal("{}"));
    }
    rules.add(
        name, Alternative.literal("{").then(Alternative.rule(rest)).then(Alternative.literal("}")));
  }

  /** How many properties may follow the named ones. */
  private int others(Shape.Objects wanted, List<String> named) throws UnsupportedFormatException {
    if (wanted.min() > wanted.required().size()) {
      throw unsupported(
          path,
          "minProperties %d beside properties of which only %d are required"
              .formatted(wanted.min(), wanted.required().size()));
    }
    if (wanted.max() < named.size()) {
      throw unsupported(
          path, "maxProperties %d beside %d properties".formatted(wanted.max(), named.size()));
    }
    if (wanted.additional().isAnyValue()) {
      return 0;
    }
    return wanted.max() == Integer.MAX_VALUE ? Integer.MAX_VALUE : wanted.max() - named.size();
  }

  /** One pair, then some more behind commas. */
  private Alternative list(Alternative pair, int min, int max, String name)
      throws UnsupportedFormatException {
    String more = rules.define(name + "-more", path, json.comma().then(pair));
    return max == 0 ? pair : pair.then(rules.repeat(more, min, max, path));
  }
}
