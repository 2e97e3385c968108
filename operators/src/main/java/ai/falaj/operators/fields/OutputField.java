package ai.falaj.operators.fields;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * A column, or a field of a row, that the model fills. Immutable.
 *
 * @param name the key in the model's JSON
 * @param nullable whether the model may write null
 * @param description what the field means, for servers that show the schema to the model; may be
 *     empty
 * @param constraints what its values keep to, none twice of one kind
 */
public record OutputField(
    String name,
    OutputType type,
    boolean nullable,
    String description,
    List<FieldConstraint> constraints)
    implements Serializable {

  /**
   * @throws IllegalArgumentException naming the field and what is wrong with it
   */
  public OutputField {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(description, "description");
    constraints = List.copyOf(constraints);
    if (name.isBlank()) {
      throw new IllegalArgumentException("a field has no name; give it one");
    }
    for (FieldConstraint constraint : constraints) {
      if (!constraint.appliesTo(type)) {
        throw new IllegalArgumentException(
            "%s is %s, and %s is for %s"
                .formatted(name, type, constraint.keyword(), constraint.types()));
      }
    }
    if (constraints.stream().map(FieldConstraint::keyword).distinct().count()
        < constraints.size()) {
      throw new IllegalArgumentException(
          "%s has a constraint twice: %s"
              .formatted(name, constraints.stream().map(FieldConstraint::keyword).toList()));
    }
  }

  /** A field without constraints that is never null. */
  public static OutputField required(String name, OutputType type) {
    return new OutputField(name, type, false, "", List.of());
  }

  /** A field without constraints that may be null. */
  public static OutputField optional(String name, OutputType type) {
    return new OutputField(name, type, true, "", List.of());
  }

  /** The same field with these constraints and no others. */
  public OutputField with(FieldConstraint... values) {
    return new OutputField(name, type, nullable, description, List.of(values));
  }

  /** The same field with this description. */
  public OutputField describedAs(String text) {
    return new OutputField(name, type, nullable, text, constraints);
  }

  /** Its type as SQL writes it, nullability included. */
  String typeText() {
    return nullable ? type.toString() : type + " NOT NULL";
  }
}
