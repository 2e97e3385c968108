package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.GrammarRules.Alternative;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes one rule for each set of schemas that some value must satisfy, until no new set turns up.
 * Confined to one call.
 */
final class SchemaCompiler {

  private final GrammarRules rules = new GrammarRules();
  private final JsonRules json = new JsonRules(rules);
  private final StringLanguages strings = new StringLanguages();
  private final ShapeExpander expander;
  private final ShapeCheck check;
  private final Map<Conjunction, String> names = new HashMap<>();
  private final Deque<Conjunction> todo = new ArrayDeque<>();
  private final Map<Object, String> scalars = new HashMap<>();

  private SchemaCompiler(Map<String, SchemaNode> schemas) {
    this.expander = new ShapeExpander(schemas, strings);
    this.check = new ShapeCheck(expander, strings);
  }

  /**
   * The grammar of the values that satisfy the schema under the empty path, between two texts that
   * may be empty.
   */
  static Grammar compile(Map<String, SchemaNode> schemas, String prefix, String suffix)
      throws UnsupportedFormatException {
    SchemaCompiler compiler = new SchemaCompiler(schemas);
    Alternative root = compiler.value(Conjunction.of(JsonPointer.ROOT));
    if (!prefix.isEmpty()) {
      root = Alternative.literal(prefix).then(root);
    }
    if (!suffix.isEmpty()) {
      root = root.then(Alternative.literal(suffix));
    }
    compiler.rules.define(Grammar.ROOT, JsonPointer.ROOT, root);
    while (!compiler.todo.isEmpty()) {
      compiler.write(compiler.todo.remove());
    }
    return new Grammar(compiler.rules.toGbnf(Grammar.ROOT), compiler.json.hasFreeKeys());
  }

  /** A reference to the rule of the values that satisfy all of the schemas. */
  Alternative value(Conjunction schemas) throws UnsupportedFormatException {
    if (schemas.isAnyValue()) {
      return json.anyValue();
    }
    String name = names.get(schemas);
    if (name == null) {
      name = rules.declare("value-" + names.size(), schemas.paths().get(0));
      names.put(schemas, name);
      todo.add(schemas);
    }
    return Alternative.rule(name);
  }

  private void write(Conjunction schemas) throws UnsupportedFormatException {
    String name = names.get(schemas);
    String path = schemas.paths().get(0);
    List<Shape> shapes = expander.expand(schemas);
    expander.requireDisjointBranches();
    for (Shape shape : shapes) {
      for (Alternative alternative : alternatives(shape, name, path)) {
        rules.add(name, alternative);
      }
    }
  }

  private List<Alternative> alternatives(Shape shape, String name, String path)
      throws UnsupportedFormatException {
    if (shape.values().isPresent()) {
      return literals(shape, path);
    }
    if (shape.equals(Shape.ANY)) {
      return List.of(json.anyValue());
    }
    Set<JsonType> types = shape.typesToWrite();
    List<Alternative> all = new ArrayList<>();
    for (JsonType type : types) {
      switch (type) {
        case NULL -> all.add(Alternative.literal("null"));
        case BOOLEAN -> {
          all.add(Alternative.literal("true"));
          all.add(Alternative.literal("false"));
        }
        case STRING -> all.add(string(shape.strings(), path));
        case INTEGER -> {
          if (!types.contains(JsonType.FRACTION)) {
            all.add(number(shape.numbers(), false, path));
          }
        }
        case FRACTION -> all.add(number(shape.numbers(), true, path));
        case ARRAY -> all.add(new ArrayRules(this, rules, json, path).write(shape.arrays(), name));
        case OBJECT ->
            all.add(new ObjectRules(this, rules, json, path).write(shape.objects(), name));
      }
    }
    return all;
  }

  /** Listed values: strings in one automaton, so that one way leads through all of them. */
  private List<Alternative> literals(Shape shape, String path) throws UnsupportedFormatException {
    List<Alternative> all = new ArrayList<>();
    List<Regex> texts = new ArrayList<>();
    for (JsonNode value : shape.values().orElseThrow()) {
      if (check.accepts(value, shape, true)) {
        if (value.isTextual()) {
          texts.add(Regex.literal(JsonText.quoted(value.textValue())));
        } else {
          all.add(literal(value));
        }
      }
    }
    if (!texts.isEmpty()) {
      Automaton automaton = Automaton.of(new Regex.Alternatives(texts), path);
      all.add(AutomatonRules.write(rules, automaton, AutomatonRules.RAW, "texts", path));
    }
    return all;
  }

  private Alternative literal(JsonNode value) throws UnsupportedFormatException {
    return switch (JsonType.of(value)) {
      case NULL, BOOLEAN -> Alternative.literal(value.asText());
      case INTEGER, FRACTION -> Alternative.literal(value.decimalValue().toString());
      case STRING -> Alternative.literal(JsonText.quoted(value.textValue()));
      case ARRAY -> {
        Alternative text = Alternative.literal("[");
        for (int i = 0; i < value.size(); i++) {
          text = (i == 0 ? text : text.then(json.comma())).then(literal(value.get(i)));
        }
        yield text.then(Alternative.literal("]"));
      }
      case OBJECT -> {
        Alternative text = Alternative.literal("{");
        String separator = "";
        for (Map.Entry<String, JsonNode> property : value.properties()) {
          text =
              (separator.isEmpty() ? text : text.then(json.comma()))
                  .then(Alternative.literal(JsonText.quoted(property.getKey())))
                  .then(json.colon())
                  .then(literal(property.getValue()));
          separator = ",";
        }
        yield text.then(Alternative.literal("}"));
      }
    };
  }

  private Alternative string(Shape.Strings wanted, String path) throws UnsupportedFormatException {
    if (wanted.equals(Shape.Strings.ANY)) {
      return json.string();
    }
    String name = scalars.get(wanted);
    if (name == null) {
      name = rules.declare("text-" + scalars.size(), path);
      scalars.put(wanted, name);
      if (!wanted.patterns().isEmpty() || !wanted.formats().isEmpty()) {
        Alternative text =
            AutomatonRules.write(
                rules, strings.automaton(wanted, path), AutomatonRules.IN_JSON_STRING, name, path);
        rules.add(name, json.inQuotes(text));
      } else if (wanted.min() <= wanted.max()) {
        rules.add(
            name, json.inQuotes(rules.repeat(json.character(), wanted.min(), wanted.max(), path)));
      }
    }
    return Alternative.rule(name);
  }

  private Alternative number(NumberRange wanted, boolean fractions, String path)
      throws UnsupportedFormatException {
    if (wanted.equals(NumberRange.ALL)) {
      return fractions ? json.number() : json.integer();
    }
    List<Object> key = List.of(wanted, fractions);
    String name = scalars.get(key);
    if (name == null) {
      Automaton automaton = fractions ? wanted.numbers(path) : wanted.integers(path);
      name =
          AutomatonRules.write(
                  rules, automaton, AutomatonRules.RAW, "number-" + scalars.size(), path)
              .gbnf();
      scalars.put(key, name);
    }
    return Alternative.rule(name);
  }
}
