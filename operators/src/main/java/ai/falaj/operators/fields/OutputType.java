package ai.falaj.operators.fields;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The type of a value that a model writes, with the Java type that it is read as. {@link
 * Object#toString()} gives SQL's name. Immutable.
 */
public sealed interface OutputType extends Serializable {

  /** Types without parameters. */
  enum Scalar implements OutputType {
    /** {@link String}. */
    STRING,
    /** {@link Boolean}. */
    BOOLEAN,
    /** {@link Integer}. */
    INT,
    /** {@link Long}. */
    BIGINT,
    /** {@link Double}, finite. */
    DOUBLE,
    /** {@link java.time.LocalDate}, written {@code 2026-11-24}. */
    DATE,
    /**
     * {@link java.time.LocalDateTime}, written {@code 2026-11-24T08:30:00}: what a clock on the
     * wall shows, without a zone.
     */
    TIMESTAMP,
    /** {@link java.time.Instant}, written with its offset: {@code 2026-11-24T08:30:00+04:00}. */
    TIMESTAMP_LTZ
  }

  /**
   * {@link java.math.BigDecimal} of exactly this scale; more decimal places than that are rounded
   * half up, as a SQL cast does.
   *
   * @param precision digits in all, 1 to {@value #MAX_PRECISION}
   * @param scale digits after the point, 0 to the precision
   */
  record Decimal(int precision, int scale) implements OutputType {

    public static final int MAX_PRECISION = 38;

    /**
     * @throws IllegalArgumentException naming the number and its range
     */
    public Decimal {
      if (precision < 1 || precision > MAX_PRECISION) {
        throw new IllegalArgumentException(
            "the precision is %d; it must be 1 to %d".formatted(precision, MAX_PRECISION));
      }
      if (scale < 0 || scale > precision) {
        throw new IllegalArgumentException(
            "the scale is %d; it must be 0 to the precision, which is %d"
                .formatted(scale, precision));
      }
    }

    @Override
    public String toString() {
      return "DECIMAL(%d, %d)".formatted(precision, scale);
    }
  }

  /**
   * {@link List} of the element's Java type.
   *
   * @param element whose name is only shown, never written
   */
  record Array(OutputField element) implements OutputType {
    public Array {
      Objects.requireNonNull(element, "element");
    }

    @Override
    public String toString() {
      return "ARRAY<%s>".formatted(element.typeText());
    }
  }

  /**
   * {@link java.util.Map} from the fields' names to their values, in the order of the fields.
   *
   * @param fields at least one, no two of one name
   */
  record Row(List<OutputField> fields) implements OutputType {

    /**
     * @throws IllegalArgumentException if there is no field, or two have one name
     */
    public Row {
      fields = List.copyOf(fields);
      requireDistinct(fields);
    }

    @Override
    public String toString() {
      return "ROW<%s>"
          .formatted(
              String.join(", ", fields.stream().map(f -> f.name() + " " + f.typeText()).toList()));
    }
  }

  /** An array of values that are never null. */
  static OutputType arrayOf(OutputType element) {
    return new Array(OutputField.required("element", element));
  }

  static OutputType rowOf(OutputField... fields) {
    return new Row(List.of(fields));
  }

  static OutputType decimal(int precision, int scale) {
    return new Decimal(precision, scale);
  }

  /** Refuses an empty list, and a name that comes twice. */
  static void requireDistinct(List<OutputField> fields) {
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("there are no fields; name one or more");
    }
    Set<String> names = new HashSet<>();
    for (OutputField field : fields) {
      if (!names.add(field.name())) {
        throw new IllegalArgumentException(
            "two fields are named %s; give each a name of its own".formatted(field.name()));
      }
    }
  }
}
