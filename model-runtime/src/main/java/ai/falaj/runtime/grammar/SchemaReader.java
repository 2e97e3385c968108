package ai.falaj.runtime.grammar;

import static ai.falaj.runtime.grammar.UnsupportedFormatException.malformed;
import static ai.falaj.runtime.grammar.UnsupportedFormatException.unsupported;

import ai.falaj.runtime.grammar.NumberRange.Bound;
import ai.falaj.runtime.grammar.SchemaNode.Choice;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a JSON Schema, draft 2020-12, into its {@link SchemaNode}s by path. Every keyword has its
 * line in {@link #read(JsonNode, String)}; what has none is refused. Confined to one call.
 */
final class SchemaReader {

  /** Keywords that say nothing about which values are valid. */
  static final Set<String> ANNOTATIONS =
      Set.of(
          "$schema",
          "$comment",
          "title",
          "description",
          "default",
          "examples",
          "example",
          "deprecated",
          "readOnly",
          "writeOnly",
          "contentEncoding",
          "contentMediaType",
          "contentSchema",
          "discriminator",
          "externalDocs");

  /** Prefix of keywords that everyone may define for himself. */
  static final String EXTENSION_PREFIX = "x-";

  private static final String INT32 = "int32";

  /** OpenAPI's formats of numbers; all but {@code int32} hold every number that is written. */
  private static final Set<String> NUMBER_FORMATS = Set.of(INT32, "int64", "float", "double");

  private final Map<String, SchemaNode> nodes = new HashMap<>();

  private SchemaReader() {}

  /** All schemas of the document, that of the root under the empty path. */
  static Map<String, SchemaNode> read(JsonNode document) throws UnsupportedFormatException {
    SchemaReader reader = new SchemaReader();
    reader.read(document, JsonPointer.ROOT);
    return reader.nodes;
  }

  private String read(JsonNode schema, String path) throws UnsupportedFormatException {
    if (schema.isBoolean()) {
      Shape shape = schema.booleanValue() ? Shape.ANY : Shape.NONE;
      nodes.put(path, new SchemaNode(path, shape, Optional.empty(), List.of(), List.of()));
      return path;
    }
    if (!schema.isObject()) {
      throw malformed(path, "a schema is an object, true or false");
    }
    Keywords keywords = new Keywords(schema, path);
    Set<JsonType> types = JsonType.ALL;
    Optional<List<JsonNode>> values = Optional.empty();
    Optional<String> reference = Optional.empty();
    List<String> allOf = List.of();
    List<Choice> choices = new ArrayList<>();
    for (String keyword : keywords.names()) {
      switch (keyword) {
        case "type" -> types = types(keywords);
        case "enum" -> values = Optional.of(values(keywords, values));
        case "const" -> values = Optional.of(constant(keywords, values));
        case "$ref" -> reference = Optional.of(reference(keywords));
        case "allOf" -> allOf = branches(keywords, "allOf");
        case "anyOf" ->
            choices.add(new Choice(keywords.at("anyOf"), false, branches(keywords, "anyOf")));
        case "oneOf" ->
            choices.add(new Choice(keywords.at("oneOf"), true, branches(keywords, "oneOf")));
        case "$defs", "definitions" -> named(keywords, keyword);
        case "$id" -> requireRoot(keywords);
        case "uniqueItems" -> requireFalse(keywords);
        case "minLength", "maxLength", "pattern", "format" -> {}
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum" -> {}
        case "items", "prefixItems", "minItems", "maxItems" -> {}
        case "properties", "required", "additionalProperties" -> {}
        case "minProperties", "maxProperties" -> {}
        default -> requireAnnotation(keywords, keyword);
      }
    }
    Shape own =
        new Shape(
            types,
            values,
            strings(keywords),
            numbers(keywords),
            arrays(keywords),
            objects(keywords));
    nodes.put(path, new SchemaNode(path, own, reference, allOf, choices));
    return path;
  }

  private static Set<JsonType> types(Keywords keywords) throws UnsupportedFormatException {
    JsonNode type = keywords.get("type");
    List<JsonNode> names = new ArrayList<>();
    if (type.isArray()) {
      type.forEach(names::add);
    } else {
      names.add(type);
    }
    Set<JsonType> types = EnumSet.noneOf(JsonType.class);
    Set<String> seen = new LinkedHashSet<>();
    for (JsonNode name : names) {
      Optional<Set<JsonType>> named =
          name.isTextual() ? JsonType.named(name.textValue()) : Optional.empty();
      if (named.isEmpty() || !seen.add(name.textValue())) {
        throw malformed(
            keywords.at("type"),
            "a type is null, boolean, object, array, number, string, integer or a list of some of them");
      }
      types.addAll(named.get());
    }
    if (types.isEmpty()) {
      throw malformed(keywords.at("type"), "no type is allowed, so nothing satisfies the schema");
    }
    return types;
  }

  private static List<JsonNode> values(Keywords keywords, Optional<List<JsonNode>> constant)
      throws UnsupportedFormatException {
    JsonNode values = keywords.array("enum");
    if (values.isEmpty()) {
      throw malformed(keywords.at("enum"), "no value is listed, so nothing satisfies the schema");
    }
    List<JsonNode> all = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      requireText(values.get(i), JsonPointer.child(keywords.at("enum"), i));
      all.add(values.get(i));
    }
    return constant.isEmpty() ? all : common(keywords, all, constant.get());
  }

  private static List<JsonNode> constant(Keywords keywords, Optional<List<JsonNode>> values)
      throws UnsupportedFormatException {
    JsonNode constant = keywords.get("const");
    requireText(constant, keywords.at("const"));
    List<JsonNode> one = List.of(constant);
    return values.isEmpty() ? one : common(keywords, one, values.get());
  }

  private static List<JsonNode> common(Keywords keywords, List<JsonNode> a, List<JsonNode> b)
      throws UnsupportedFormatException {
    List<JsonNode> both =
        a.stream().filter(v -> b.stream().anyMatch(w -> JsonEquality.equal(v, w))).toList();
    if (both.isEmpty()) {
      throw malformed(keywords.at("const"), "it is not among the values of enum");
    }
    return both;
  }

  private static void requireText(JsonNode value, String path) throws UnsupportedFormatException {
    if (value.isTextual()) {
      Keywords.requireNoLoneSurrogate(value.textValue(), path);
    }
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      requireText(value.get(i), JsonPointer.child(path, i));
    }
    for (Map.Entry<String, JsonNode> property : value.properties()) {
      String at = JsonPointer.child(path, property.getKey());
      Keywords.requireNoLoneSurrogate(property.getKey(), at);
      requireText(property.getValue(), at);
    }
  }

  private static String reference(Keywords keywords) throws UnsupportedFormatException {
    String reference = keywords.text("$ref");
    Optional<String> pointer = JsonPointer.ofReference(reference);
    if (pointer.isEmpty()) {
      throw unsupported(
          keywords.at("$ref"),
          "only references within the document are supported, such as #/$defs/name");
    }
    return pointer.get();
  }

  private List<String> branches(Keywords keywords, String keyword)
      throws UnsupportedFormatException {
    if (keywords.array(keyword).isEmpty()) {
      throw malformed(keywords.at(keyword), "it must list at least one schema");
    }
    return list(keywords, keyword);
  }

  private List<String> list(Keywords keywords, String keyword) throws UnsupportedFormatException {
    JsonNode schemas = keywords.array(keyword);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < schemas.size(); i++) {
      paths.add(read(schemas.get(i), JsonPointer.child(keywords.at(keyword), i)));
    }
    return paths;
  }

  private Map<String, Conjunction> named(Keywords keywords, String keyword)
      throws UnsupportedFormatException {
    Map<String, Conjunction> schemas = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : keywords.object(keyword).properties()) {
      String path = JsonPointer.child(keywords.at(keyword), entry.getKey());
      Keywords.requireNoLoneSurrogate(entry.getKey(), path);
      schemas.put(entry.getKey(), schema(entry.getValue(), path));
    }
    return schemas;
  }

  private Conjunction schema(JsonNode schema, String path) throws UnsupportedFormatException {
    read(schema, path);
    boolean anything = schema.isBoolean() ? schema.booleanValue() : schema.isEmpty();
    return anything ? Conjunction.ANY_VALUE : Conjunction.of(path);
  }

  private static Shape.Strings strings(Keywords keywords) throws UnsupportedFormatException {
    int min = keywords.count("minLength", 0, Bounds.STRING_LENGTH);
    int max = keywords.count("maxLength", Integer.MAX_VALUE, Bounds.STRING_LENGTH);
    keywords.requireOrder("minLength", min, "maxLength", max);
    List<Shape.Pattern> patterns = new ArrayList<>();
    if (keywords.has("pattern")) {
      patterns.add(new Shape.Pattern(keywords.text("pattern"), keywords.at("pattern")));
    }
    Set<String> formats = new LinkedHashSet<>();
    if (keywords.has("format")) {
      String format = keywords.text("format");
      if (Formats.isKnown(format)) {
        formats.add(format);
      } else if (!NUMBER_FORMATS.contains(format)) {
        throw unsupported(
            keywords.at("format"),
            "the format is not supported; those that are: %s".formatted(Formats.names()));
      }
    }
    return new Shape.Strings(min, max, patterns, formats);
  }

  private static NumberRange numbers(Keywords keywords) throws UnsupportedFormatException {
    NumberRange range =
        keywords
            .lower("minimum", false)
            .and(keywords.lower("exclusiveMinimum", true))
            .and(keywords.upper("maximum", false))
            .and(keywords.upper("exclusiveMaximum", true))
            .and(ofFormat(keywords));
    if (range.isEmpty()) {
      throw malformed(
          keywords.path(),
          "no number is at least %s and at most %s"
              .formatted(range.lower().get().value(), range.upper().get().value()));
    }
    return range;
  }

  private static NumberRange ofFormat(Keywords keywords) {
    if (!keywords.has("format") || !INT32.equals(keywords.get("format").textValue())) {
      return NumberRange.ALL;
    }
    Bound low = new Bound(BigDecimal.valueOf(Integer.MIN_VALUE), false, keywords.at("format"));
    Bound high = new Bound(BigDecimal.valueOf(Integer.MAX_VALUE), false, keywords.at("format"));
    return new NumberRange(Optional.of(low), Optional.of(high));
  }

  private Shape.Arrays arrays(Keywords keywords) throws UnsupportedFormatException {
    int min = keywords.count("minItems", 0, Bounds.ITEMS);
    int max = keywords.count("maxItems", Integer.MAX_VALUE, Bounds.ITEMS);
    keywords.requireOrder("minItems", min, "maxItems", max);
    List<Conjunction> prefix = new ArrayList<>();
    if (keywords.has("prefixItems")) {
      branches(keywords, "prefixItems").forEach(path -> prefix.add(Conjunction.of(path)));
      if (prefix.size() > Bounds.ITEMS) {
        throw unsupported(
            keywords.at("prefixItems"),
            "%d schemas; at most %d are supported".formatted(prefix.size(), Bounds.ITEMS));
      }
    }
    Conjunction rest =
        keywords.has("items")
            ? schema(keywords.get("items"), keywords.at("items"))
            : Conjunction.ANY_VALUE;
    return new Shape.Arrays(prefix, rest, min, max);
  }

  private Shape.Objects objects(Keywords keywords) throws UnsupportedFormatException {
    int min = keywords.count("minProperties", 0, Bounds.ITEMS);
    int max = keywords.count("maxProperties", Integer.MAX_VALUE, Bounds.ITEMS);
    keywords.requireOrder("minProperties", min, "maxProperties", max);
    Map<String, Conjunction> properties =
        keywords.has("properties") ? named(keywords, "properties") : Map.of();
    Conjunction additional =
        keywords.has("additionalProperties")
            ? schema(keywords.get("additionalProperties"), keywords.at("additionalProperties"))
            : Conjunction.ANY_VALUE;
    return new Shape.Objects(properties, additional, keywords.texts("required"), min, max);
  }

  private static void requireRoot(Keywords keywords) throws UnsupportedFormatException {
    keywords.text("$id");
    if (!keywords.path().isEmpty()) {
      throw unsupported(
          keywords.at("$id"), "schemas that are documents of their own are not supported");
    }
  }

  private static void requireFalse(Keywords keywords) throws UnsupportedFormatException {
    JsonNode unique = keywords.get("uniqueItems");
    if (!unique.isBoolean()) {
      throw malformed(keywords.at("uniqueItems"), "it must be true or false");
    }
    if (unique.booleanValue()) {
      throw unsupported(
          keywords.at("uniqueItems"), "a grammar cannot compare items, so it must be false");
    }
  }

  private static void requireAnnotation(Keywords keywords, String keyword)
      throws UnsupportedFormatException {
    if (!ANNOTATIONS.contains(keyword) && !keyword.startsWith(EXTENSION_PREFIX)) {
      throw unsupported(keywords.at(keyword), "the keyword is not supported");
    }
  }
}
