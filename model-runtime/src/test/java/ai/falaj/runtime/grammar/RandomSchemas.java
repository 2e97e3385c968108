package ai.falaj.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Random schemas of the supported subset: every keyword, nested, combined, recursive. The same for
 * the same seed. A few are satisfied by nothing, such as an allOf of two constants, or are beyond a
 * bound.
 */
public final class RandomSchemas {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int MAX_DEPTH = 4;

  private static final List<String> NAMES =
      List.of(
          "id",
          "name",
          "kind",
          "next",
          "a b",
          "naïve",
          "ماء",
          "😀",
          "with \"quotes\"",
          "tab\t",
          "back\\slash",
          "a/b~c",
          "",
          "\u0001",
          "$ref",
          "x");
  private static final List<String> TYPES =
      List.of("null", "boolean", "string", "integer", "number", "array", "object");
  private static final List<String> FORMATS =
      List.of("date", "time", "date-time", "duration", "uuid", "ipv4", "ipv6", "hostname");
  private static final List<String> CLASSES =
      List.of(
          "[a-z]", "[^a-z\\n]", "\\d", "\\w", "[\"\\\\]", "[0-9A-F]", "\\t", "é", "[α-ω]", "😀");

  private final Random random;
  private int definitions;

  public RandomSchemas(long seed) {
    random = new Random(seed);
  }

  /** The next schema, as text. */
  public String next() {
    definitions = random.nextInt(4);
    ObjectNode root = schema(0);
    if (definitions > 0) {
      ObjectNode definitionsNode = root.putObject("$defs");
      for (int i = 0; i < definitions; i++) {
        definitionsNode.set("d" + i, schema(1));
      }
    }
    if (oneIn(4)) {
      root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
      root.put("title", "random");
    }
    return root.toString();
  }

  private ObjectNode schema(int depth) {
    int kind = random.nextInt(depth >= MAX_DEPTH ? 8 : 16);
    ObjectNode schema =
        switch (kind) {
          case 0 -> typed(oneIn(2) ? "null" : "boolean");
          case 1, 2 -> string();
          case 3 -> integer();
          case 4 -> number();
          case 5 -> enumeration();
          case 6 -> JSON.objectNode().set("const", literal(2));
          case 7 -> reference(depth);
          case 8 -> array(depth);
          case 9, 10, 11 -> object(depth);
          case 12 -> combined("anyOf", depth);
          case 13 -> oneOf(depth);
          case 14 -> allOf(depth);
          default -> untyped(depth);
        };
    if (oneIn(8)) {
      schema.put("description", "says \"hello\"");
    }
    return schema;
  }

  private JsonNode subschema(int depth) {
    return oneIn(20) ? JSON.booleanNode(true) : schema(depth + 1);
  }

  private ObjectNode typed(String type) {
    return JSON.objectNode().put("type", type);
  }

  private ObjectNode string() {
    ObjectNode schema = typed("string");
    switch (random.nextInt(5)) {
      case 0 -> schema.put("format", pick(FORMATS));
      case 1 -> schema.put("pattern", pattern());
      case 2 -> schema.put("minLength", random.nextInt(5)).put("maxLength", 5 + random.nextInt(6));
      case 3 -> schema.put("pattern", pattern()).put("maxLength", 12 + random.nextInt(9));
      default -> {}
    }
    return schema;
  }

  private ObjectNode integer() {
    ObjectNode schema = typed("integer");
    long low = random.nextInt(2_000) - 1_000;
    bound(schema, "minimum", "exclusiveMinimum", BigDecimal.valueOf(low));
    long high = low + 2 + random.nextInt(oneIn(2) ? 3 : 100_000);
    bound(schema, "maximum", "exclusiveMaximum", BigDecimal.valueOf(high));
    return schema;
  }

  private ObjectNode number() {
    ObjectNode schema = typed("number");
    BigDecimal low = BigDecimal.valueOf(random.nextInt(200_000) - 100_000, random.nextInt(6));
    bound(schema, "minimum", "exclusiveMinimum", low);
    BigDecimal width = BigDecimal.valueOf(1 + random.nextInt(100_000), random.nextInt(6));
    bound(schema, "maximum", "exclusiveMaximum", low.add(width));
    return schema;
  }

  private void bound(ObjectNode schema, String inclusive, String exclusive, BigDecimal value) {
    switch (random.nextInt(3)) {
      case 0 -> schema.put(inclusive, value);
      case 1 -> schema.put(exclusive, value);
      default -> {}
    }
  }

  private ObjectNode enumeration() {
    ObjectNode schema = JSON.objectNode();
    ArrayNode values = schema.putArray("enum");
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      values.add(literal(2));
    }
    return schema;
  }

  private JsonNode literal(int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(random.nextInt(100) - 50);
      case 3 -> JSON.numberNode(BigDecimal.valueOf(random.nextInt(10_000), random.nextInt(4)));
      case 4 -> JSON.textNode(pick(NAMES));
      case 5 -> {
        ArrayNode array = JSON.arrayNode();
        for (int i = random.nextInt(3); i > 0; i--) {
          array.add(literal(depth - 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = JSON.objectNode();
        for (int i = random.nextInt(3); i > 0; i--) {
          object.set(pick(NAMES), literal(depth - 1));
        }
        yield object;
      }
    };
  }

  private ObjectNode reference(int depth) {
    if (definitions == 0 || depth == 0) {
      return string();
    }
    boolean root = oneIn(10);
    return JSON.objectNode().put("$ref", root ? "#" : "#/$defs/d" + random.nextInt(definitions));
  }

  private ObjectNode array(int depth) {
    ObjectNode schema = typed("array");
    int prefix = oneIn(2) ? random.nextInt(3) : 0;
    if (prefix > 0) {
      ArrayNode items = schema.putArray("prefixItems");
      for (int i = 0; i < prefix; i++) {
        items.add(subschema(depth));
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> schema.put("items", false);
      case 1 -> {}
      default -> schema.set("items", subschema(depth));
    }
    if (oneIn(3)) {
      schema.put("minItems", random.nextInt(2));
    }
    if (oneIn(3)) {
      schema.put("maxItems", 1 + random.nextInt(4));
    }
    return schema;
  }

  private ObjectNode object(int depth) {
    ObjectNode schema = typed("object");
    List<String> names = new ArrayList<>(NAMES);
    Collections.shuffle(names, random);
    int count = random.nextInt(5);
    if (count > 0) {
      ObjectNode properties = schema.putObject("properties");
      ArrayNode required = JSON.arrayNode();
      for (String name : names.subList(0, count)) {
        properties.set(name, subschema(depth));
        if (oneIn(3)) {
          required.add(name);
        }
      }
      if (oneIn(12)) {
        required.add(names.get(count));
      }
      if (!required.isEmpty()) {
        schema.set("required", required);
      }
    } else if (oneIn(2)) {
      schema.put("minProperties", random.nextInt(3)).put("maxProperties", 3 + random.nextInt(2));
    }
    switch (random.nextInt(5)) {
      case 0 -> schema.put("additionalProperties", false);
      case 1 -> schema.put("additionalProperties", true);
      case 2 -> schema.set("additionalProperties", subschema(depth));
      default -> {}
    }
    return schema;
  }

  private ObjectNode combined(String keyword, int depth) {
    ObjectNode schema = JSON.objectNode();
    ArrayNode branches = schema.putArray(keyword);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      branches.add(subschema(depth));
    }
    return schema;
  }

  /** Branches of different types, or objects told apart by a constant. */
  private ObjectNode oneOf(int depth) {
    ObjectNode schema = JSON.objectNode();
    ArrayNode branches = schema.putArray("oneOf");
    if (oneIn(2)) {
      branches.add(string()).add(oneIn(2) ? integer() : number()).add(typed("null"));
      branches.add(array(depth + 1));
      return schema;
    }
    for (int i = 0; i < 3; i++) {
      ObjectNode branch = object(depth + 1);
      branch.remove("minProperties");
      branch.remove("maxProperties");
      ObjectNode properties = JSON.objectNode();
      properties.putObject("type").put("const", "t" + i);
      if (branch.get("properties") instanceof ObjectNode others) {
        properties.setAll(others);
      }
      branch.set("properties", properties);
      branch.withArrayProperty("required").add("type");
      branches.add(branch);
    }
    return schema;
  }

  private ObjectNode allOf(int depth) {
    ObjectNode schema = JSON.objectNode();
    ArrayNode parts = schema.putArray("allOf");
    switch (random.nextInt(4)) {
      case 0 -> parts.add(string()).add(JSON.objectNode().put("maxLength", 20));
      case 1 -> parts.add(number()).add(integer());
      case 2 -> parts.add(subschema(depth));
      default -> {
        parts.add(object(depth + 1));
        parts.add(object(depth + 1));
      }
    }
    return schema;
  }

  /** Several types at once, none at all, or keywords of a type that is not named. */
  private ObjectNode untyped(int depth) {
    return switch (random.nextInt(4)) {
      case 0 -> JSON.objectNode();
      case 1 -> {
        ObjectNode object = object(depth);
        object.remove("type");
        yield object;
      }
      case 2 -> {
        ObjectNode base = oneIn(2) ? string() : integer();
        ArrayNode types = base.putArray("type");
        List<String> names = new ArrayList<>(TYPES);
        Collections.shuffle(names, random);
        names.subList(0, 1 + random.nextInt(3)).forEach(types::add);
        yield base;
      }
      default -> {
        ObjectNode schema = combined("anyOf", depth);
        schema.putArray("type").add("object").add("string").add("integer");
        yield schema;
      }
    };
  }

  /** Anchored but for those that chance soon matches somewhere. */
  private String pattern() {
    return switch (random.nextInt(4)) {
      case 0 -> oneIn(2) ? "[a-z]" : "\\w+[^0-9]";
      case 1 -> "^(?:" + alternatives(1) + ")";
      default -> "^(?:" + alternatives(2) + ")$";
    };
  }

  private String alternatives(int depth) {
    StringBuilder pattern = new StringBuilder(sequence(depth));
    for (int i = random.nextInt(3); i > 0; i--) {
      pattern.append('|').append(sequence(depth));
    }
    return pattern.toString();
  }

  private String sequence(int depth) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      boolean group = depth > 0 && oneIn(3);
      pattern.append(group ? "(" + alternatives(depth - 1) + ")" : pick(CLASSES));
      switch (random.nextInt(7)) {
        case 0 -> pattern.append('*');
        case 1 -> pattern.append('+');
        case 2 -> pattern.append('?');
        case 3 -> pattern.append("{1,3}");
        default -> {}
      }
    }
    return pattern.toString();
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
