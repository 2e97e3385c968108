package ai.falaj.operators.fields;

import ai.falaj.operators.fields.OutputType.Scalar;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the values of a field keep to, beyond their type: a keyword of JSON Schema that the engine
 * holds the model to, and the check of a value that another engine may have let pass. Immutable.
 */
public sealed interface FieldConstraint extends Serializable
    permits FieldConstraint.OfText, FieldConstraint.OfNumber, FieldConstraint.OfArray {

  /** Its name in JSON Schema. */
  String keyword();

  /** The types that it is for, in words. */
  String types();

  boolean appliesTo(OutputType type);

  /** Adds the keyword to a schema. */
  void writeTo(ObjectNode schema, boolean nullable);

  /**
   * @param value of a type that the constraint applies to, not null
   * @return what is wrong with it
   */
  Optional<OutputProblem> check(Object value);

  /** Of strings. */
  sealed interface OfText extends FieldConstraint
      permits OneOf, MinLength, MaxLength, MatchingPattern {

    @Override
    default String types() {
      return "STRING";
    }

    @Override
    default boolean appliesTo(OutputType type) {
      return type == Scalar.STRING;
    }
  }

  /** Of numbers. */
  sealed interface OfNumber extends FieldConstraint permits AtLeast, AtMost {

    @Override
    default String types() {
      return Numbers.TYPES;
    }

    @Override
    default boolean appliesTo(OutputType type) {
      return Numbers.isNumeric(type);
    }
  }

  /** Of arrays. */
  sealed interface OfArray extends FieldConstraint permits MinItems, MaxItems {

    @Override
    default String types() {
      return "ARRAY";
    }

    @Override
    default boolean appliesTo(OutputType type) {
      return type instanceof OutputType.Array;
    }
  }

  /** One of these texts. */
  record OneOf(List<String> values) implements OfText {

    /**
     * @throws IllegalArgumentException if there is no value, or one comes twice
     */
    public OneOf {
      values = List.copyOf(values);
      if (values.isEmpty() || values.stream().distinct().count() < values.size()) {
        throw new IllegalArgumentException(
            "enum is %s; it must have one or more values, none twice".formatted(values));
      }
    }

    public OneOf(String... values) {
      this(List.of(values));
    }

    @Override
    public String keyword() {
      return "enum";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      ArrayNode texts = schema.putArray(keyword());
      values.forEach(texts::add);
      if (nullable) {
        texts.addNull();
      }
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      return values.contains(value)
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.NOT_ALLOWED,
              "'%s' is none of %s".formatted(OutputProblem.shown((String) value), values));
    }
  }

  /** A number that is not below this one. */
  record AtLeast(BigDecimal minimum) implements OfNumber {
    public AtLeast {
      Objects.requireNonNull(minimum, "minimum");
    }

    public AtLeast(long minimum) {
      this(BigDecimal.valueOf(minimum));
    }

    @Override
    public String keyword() {
      return "minimum";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      schema.put(keyword(), minimum);
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      return Numbers.exact(value).compareTo(minimum) >= 0
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.OUT_OF_RANGE,
              "%s is below the minimum, %s".formatted(value, minimum.toPlainString()));
    }
  }

  /** A number that is not above this one. */
  record AtMost(BigDecimal maximum) implements OfNumber {
    public AtMost {
      Objects.requireNonNull(maximum, "maximum");
    }

    public AtMost(long maximum) {
      this(BigDecimal.valueOf(maximum));
    }

    @Override
    public String keyword() {
      return "maximum";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      schema.put(keyword(), maximum);
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      return Numbers.exact(value).compareTo(maximum) <= 0
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.OUT_OF_RANGE,
              "%s is above the maximum, %s".formatted(value, maximum.toPlainString()));
    }
  }

  /** At least so many code points. */
  record MinLength(int codePoints) implements OfText {
    public MinLength {
      Numbers.requireNotNegative("minLength", codePoints);
    }

    @Override
    public String keyword() {
      return "minLength";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      schema.put(keyword(), codePoints);
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      int length = Numbers.codePoints(value);
      return length >= codePoints
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.WRONG_LENGTH,
              "it has %d characters; at least %d are wanted".formatted(length, codePoints));
    }
  }

  /** At most so many code points. */
  record MaxLength(int codePoints) implements OfText {
    public MaxLength {
      Numbers.requireNotNegative("maxLength", codePoints);
    }

    @Override
    public String keyword() {
      return "maxLength";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      schema.put(keyword(), codePoints);
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      int length = Numbers.codePoints(value);
      return length <= codePoints
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.WRONG_LENGTH,
              "it has %d characters; at most %d are wanted".formatted(length, codePoints));
    }
  }

  /** At least so many elements. */
  record MinItems(int count) implements OfArray {
    public MinItems {
      Numbers.requireNotNegative("minItems", count);
    }

    @Override
    public String keyword() {
      return "minItems";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      schema.put(keyword(), count);
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      int size = ((List<?>) value).size();
      return size >= count
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.WRONG_LENGTH,
              "it has %d elements; at least %d are wanted".formatted(size, count));
    }
  }

  /** At most so many elements. */
  record MaxItems(int count) implements OfArray {
    public MaxItems {
      Numbers.requireNotNegative("maxItems", count);
    }

    @Override
    public String keyword() {
      return "maxItems";
    }

    @Override
    public void writeTo(ObjectNode schema, boolean nullable) {
      schema.put(keyword(), count);
    }

    @Override
    public Optional<OutputProblem> check(Object value) {
      int size = ((List<?>) value).size();
      return size <= count
          ? Optional.empty()
          : OutputProblem.of(
              OutputErrorCode.WRONG_LENGTH,
              "it has %d elements; at most %d are wanted".formatted(size, count));
    }
  }
}
