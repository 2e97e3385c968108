package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.GrammarRules.Alternative;
import java.util.List;

/**
 * Rules of JSON itself: values without a schema, and the punctuation between values. White space is
 * at most one space after a colon or comma, so that a model cannot go on writing white space.
 * Confined to one call.
 */
final class JsonRules {

  private static final String SPACE = "sp";
  private static final String CHARACTER = "char";
  private static final String STRING = "string";
  private static final String KEY = "key";
  private static final String INTEGER = "integer";
  private static final String NUMBER = "number";
  private static final String EXPONENT = "([eE] [-+]? [0-9]{1,2})?";

  private final GrammarRules rules;
  private boolean freeKeys;

  JsonRules(GrammarRules rules) {
    this.rules = rules;
  }

  /** Whether {@link #key()} or {@link #keyBut} was used. */
  boolean hasFreeKeys() {
    return freeKeys;
  }

  Alternative comma() throws UnsupportedFormatException {
    return Alternative.literal(",").then(space());
  }

  Alternative colon() throws UnsupportedFormatException {
    return Alternative.literal(":").then(space());
  }

  /** Any character of a string. */
  String character() throws UnsupportedFormatException {
    if (!rules.has(CHARACTER)) {
      rules.declare(CHARACTER, JsonPointer.ROOT);
      for (Alternative spelling : JsonText.spellings(CharSet.ALL)) {
        rules.add(CHARACTER, spelling);
      }
    }
    return CHARACTER;
  }

  Alternative string() throws UnsupportedFormatException {
    if (!rules.has(STRING)) {
      Alternative text = rules.repeat(character(), 0, Integer.MAX_VALUE, JsonPointer.ROOT);
      rules.define(STRING, JsonPointer.ROOT, inQuotes(text));
    }
    return Alternative.rule(STRING);
  }

  Alternative inQuotes(Alternative text) {
    return Alternative.literal("\"").then(text).then(Alternative.literal("\""));
  }

  Alternative integer() throws UnsupportedFormatException {
    if (!rules.has(INTEGER)) {
      rules.define(
          INTEGER,
          JsonPointer.ROOT,
          Alternative.gbnf("\"0\" | \"-\"? [1-9] [0-9]{0,%d}".formatted(Bounds.NUMBER_DIGITS - 1)));
    }
    return Alternative.rule(INTEGER);
  }

  Alternative number() throws UnsupportedFormatException {
    if (!rules.has(NUMBER)) {
      rules.define(
          NUMBER,
          JsonPointer.ROOT,
          Alternative.gbnf(
              "\"-\"? (\"0\" | [1-9] [0-9]{0,%d}) (\".\" [0-9]{1,%d})? %s"
                  .formatted(Bounds.NUMBER_DIGITS - 1, Bounds.NUMBER_DIGITS, EXPONENT)));
    }
    return Alternative.rule(NUMBER);
  }

  /** A key of the model's choice, of characters that need no escape. */
  Alternative key() throws UnsupportedFormatException {
    freeKeys = true;
    if (!rules.has(KEY)) {
      String character = Gbnf.characters(JsonText.PLAIN);
      rules.define(KEY, JsonPointer.ROOT, inQuotes(Alternative.gbnf(character + "*")));
    }
    return Alternative.rule(KEY);
  }

  /** A key of the model's choice that is none of some names. */
  Alternative keyBut(List<String> names, String path) throws UnsupportedFormatException {
    freeKeys = true;
    Automaton others = Automaton.allBut(names, JsonText.PLAIN);
    return inQuotes(AutomatonRules.write(rules, others, AutomatonRules.RAW, "other-key", path));
  }

  Alternative anyValue() throws UnsupportedFormatException {
    return anyValue(Bounds.ANY_JSON_DEPTH);
  }

  Alternative anyObject() throws UnsupportedFormatException {
    return anyObject(Bounds.ANY_JSON_DEPTH);
  }

  private Alternative anyValue(int depth) throws UnsupportedFormatException {
    String name = "any-" + depth;
    if (!rules.has(name)) {
      rules.declare(name, JsonPointer.ROOT);
      rules.add(name, string());
      rules.add(name, number());
      for (String word : List.of("true", "false", "null")) {
        rules.add(name, Alternative.literal(word));
      }
      if (depth > 0) {
        rules.add(name, anyObject(depth));
        rules.add(name, anyArray(depth));
      }
    }
    return Alternative.rule(name);
  }

  private Alternative anyObject(int depth) throws UnsupportedFormatException {
    String name = "object-" + depth;
    if (!rules.has(name)) {
      rules.declare(name, JsonPointer.ROOT);
      Alternative pair = key().then(colon()).then(anyValue(depth - 1));
      list(name, "{", pair, "}");
    }
    return Alternative.rule(name);
  }

  private Alternative anyArray(int depth) throws UnsupportedFormatException {
    String name = "array-" + depth;
    if (!rules.has(name)) {
      rules.declare(name, JsonPointer.ROOT);
      list(name, "[", anyValue(depth - 1), "]");
    }
    return Alternative.rule(name);
  }

  private void list(String name, String open, Alternative item, String close)
      throws UnsupportedFormatException {
    String more = rules.define(name + "-more", JsonPointer.ROOT, comma().then(item));
    rules.add(name, Alternative.literal(open + close));
    rules.add(
        name,
        Alternative.literal(open)
            .then(item)
            .then(rules.repeat(more, 0, Integer.MAX_VALUE, JsonPointer.ROOT))
            .then(Alternative.literal(close)));
  }

  private Alternative space() throws UnsupportedFormatException {
    if (!rules.has(SPACE)) {
      rules.define(SPACE, JsonPointer.ROOT, Alternative.EMPTY);
      rules.add(SPACE, Alternative.literal(" "));
    }
    return Alternative.rule(SPACE);
  }
}
