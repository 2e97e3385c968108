package ai.falaj.operators.fields;

import ai.falaj.operators.fields.OutputType.Scalar;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.function.Function;

/**
 * Reads one JSON value that has no parts. A number is judged by its value, not by how it is written
 * ({@code 3}, {@code 3.0} and {@code 0.3e1} are the same INT), and an exponent of a billion costs
 * nothing: its magnitude is looked at before any digit is written out. Stateless.
 */
final class ScalarReader {

  private static final int LONG_DIGITS = 19;

  private ScalarReader() {}

  static Object read(OutputType type, JsonNode node, String path) throws InvalidOutputException {
    if (type instanceof OutputType.Decimal decimal) {
      return decimal(decimal, number(node, path), path);
    }
    return switch ((Scalar) type) {
      case STRING -> text("a string", node, path);
      case BOOLEAN -> {
        if (!node.isBoolean()) {
          throw OutputReader.wrongType("a boolean", node, path);
        }
        yield node.booleanValue();
      }
      case INT -> {
        long value = integer(number(node, path), path);
        if (value != (int) value) {
          throw outOfRange("INT", path);
        }
        yield (int) value;
      }
      case BIGINT -> integer(number(node, path), path);
      case DOUBLE -> {
        double value = number(node, path).doubleValue();
        if (Double.isInfinite(value)) {
          throw outOfRange("DOUBLE", path);
        }
        yield value;
      }
      case DATE -> time("a date like 2026-11-24", LocalDate::parse, node, path);
      case TIMESTAMP -> time("a time like 2026-11-24T08:30:00", LocalDateTime::parse, node, path);
      case TIMESTAMP_LTZ ->
          time(
              "a time like 2026-11-24T08:30:00Z",
              text -> OffsetDateTime.parse(text).toInstant(),
              node,
              path);
    };
  }

  private static String text(String wanted, JsonNode node, String path)
      throws InvalidOutputException {
    if (!node.isTextual()) {
      throw OutputReader.wrongType(wanted, node, path);
    }
    return node.textValue();
  }

  private static BigDecimal number(JsonNode node, String path) throws InvalidOutputException {
    if (!node.isNumber()) {
      throw OutputReader.wrongType("a number", node, path);
    }
    return node.decimalValue();
  }

  private static long integer(BigDecimal number, String path) throws InvalidOutputException {
    long digitsBeforePoint = digitsBeforePoint(number);
    if (digitsBeforePoint > LONG_DIGITS) {
      throw outOfRange("BIGINT", path);
    }
    if (number.signum() == 0) {
      return 0;
    }
    if (digitsBeforePoint <= 0 || number.stripTrailingZeros().scale() > 0) {
      throw new InvalidOutputException(
          OutputErrorCode.WRONG_TYPE, path, "it has a fraction; an integer is wanted");
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      throw outOfRange("BIGINT", path);
    }
  }

  private static BigDecimal decimal(OutputType.Decimal type, BigDecimal number, String path)
      throws InvalidOutputException {
    long digitsBeforePoint = digitsBeforePoint(number);
    if (number.signum() == 0 || digitsBeforePoint < -type.scale()) {
      return BigDecimal.ZERO.setScale(type.scale());
    }
    if (digitsBeforePoint > type.precision() - type.scale()) {
      throw outOfRange(type.toString(), path);
    }
    BigDecimal rounded = number.setScale(type.scale(), RoundingMode.HALF_UP);
    if (rounded.precision() > type.precision()) {
      throw outOfRange(type.toString(), path);
    }
    return rounded;
  }

  /** Negative for as many zeros after the point as come before the first digit. */
  private static long digitsBeforePoint(BigDecimal number) {
    return (long) number.precision() - number.scale();
  }

  private static Object time(
      String wanted, Function<String, Object> parser, JsonNode node, String path)
      throws InvalidOutputException {
    String text = text(wanted, node, path);
    try {
      return parser.apply(text);
    } catch (DateTimeException e) {
      throw new InvalidOutputException(
          OutputErrorCode.WRONG_TYPE,
          path,
          "'%s' is not %s that exists".formatted(OutputProblem.shown(text), wanted));
    }
  }

  private static InvalidOutputException outOfRange(String type, String path) {
    return new InvalidOutputException(
        OutputErrorCode.OUT_OF_RANGE, path, "the number does not fit " + type);
  }
}
