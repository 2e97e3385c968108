package ai.falaj.operators.sql;

import ai.falaj.operators.fields.FieldConstraint;
import ai.falaj.operators.fields.MatchingPattern;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Options {@code fields.<column>.<keyword>}: what the values of an output column keep to. A field
 * of a row is {@code column.field}, the elements of an array are {@code column.element}. Confined
 * to the planning of one model.
 */
final class FieldOptions {

  private static final List<String> KEYWORDS =
      List.of(
          "description",
          "nullable",
          "enum",
          "minimum",
          "maximum",
          "min-length",
          "max-length",
          "pattern",
          "min-items",
          "max-items");

  /** By path, then keyword. */
  private final Map<String, Map<String, String>> options = new TreeMap<>();

  private final Set<String> read = new TreeSet<>();

  /**
   * @param modelOptions all of the model's; others than those of fields are passed over
   * @throws IllegalArgumentException listing the keywords
   */
  FieldOptions(Map<String, String> modelOptions) {
    modelOptions.forEach(
        (key, value) -> {
          if (key.startsWith(SqlModelOptions.FIELDS_PREFIX)) {
            add(key, value);
          }
        });
  }

  private void add(String key, String value) {
    String rest = key.substring(SqlModelOptions.FIELDS_PREFIX.length());
    int dot = rest.lastIndexOf('.');
    if (dot < 1 || !KEYWORDS.contains(rest.substring(dot + 1))) {
      throw new IllegalArgumentException(
          "%s is no option; write %s<column>. and one of %s"
              .formatted(key, SqlModelOptions.FIELDS_PREFIX, String.join(", ", KEYWORDS)));
    }
    options
        .computeIfAbsent(rest.substring(0, dot), path -> new TreeMap<>())
        .put(rest.substring(dot + 1), value);
  }

  String description(String path) {
    return of(path).getOrDefault("description", "");
  }

  /** Whether the model may write null. A column's own nullability is for failed rows. */
  boolean nullable(String path) {
    String value = of(path).getOrDefault("nullable", "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be true or false".formatted(key(path, "nullable"), value));
    }
    return value.equals("true");
  }

  /** Those of the path. */
  List<FieldConstraint> constraints(String path) {
    List<FieldConstraint> constraints = new ArrayList<>();
    of(path)
        .forEach(
            (keyword, value) -> {
              if (!keyword.equals("description") && !keyword.equals("nullable")) {
                constraints.add(constraint(path, keyword, value));
              }
            });
    return constraints;
  }

  private static FieldConstraint constraint(String path, String keyword, String value) {
    try {
      return switch (keyword) {
        case "enum" ->
            new FieldConstraint.OneOf(Arrays.stream(value.split(";")).map(String::strip).toList());
        case "minimum" -> new FieldConstraint.AtLeast(new BigDecimal(value));
        case "maximum" -> new FieldConstraint.AtMost(new BigDecimal(value));
        case "min-length" -> new FieldConstraint.MinLength(Integer.parseInt(value));
        case "max-length" -> new FieldConstraint.MaxLength(Integer.parseInt(value));
        case "min-items" -> new FieldConstraint.MinItems(Integer.parseInt(value));
        case "max-items" -> new FieldConstraint.MaxItems(Integer.parseInt(value));
        case "pattern" -> new MatchingPattern(value);
        default -> throw new IllegalStateException("no constraint: " + keyword);
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%s'; it must be a number".formatted(key(path, keyword), value), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key(path, keyword) + ": " + e.getMessage(), e);
    }
  }

  /**
   * Refuses options of fields that nobody asked about.
   *
   * @throws IllegalArgumentException listing the fields
   */
  void requireAllRead() {
    for (String path : options.keySet()) {
      if (!read.contains(path)) {
        throw new IllegalArgumentException(
            "%s%s.* names no field that the model fills; those are %s"
                .formatted(SqlModelOptions.FIELDS_PREFIX, path, String.join(", ", read)));
      }
    }
  }

  private Map<String, String> of(String path) {
    read.add(path);
    return options.getOrDefault(path, Map.of());
  }

  private static String key(String path, String keyword) {
    return SqlModelOptions.FIELDS_PREFIX + path + "." + keyword;
  }
}
