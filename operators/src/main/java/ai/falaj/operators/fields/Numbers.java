package ai.falaj.operators.fields;

import ai.falaj.operators.fields.OutputType.Scalar;
import java.math.BigDecimal;

/** What the constraints share. Stateless. */
final class Numbers {

  static final String TYPES = "INT, BIGINT, DOUBLE and DECIMAL";

  private Numbers() {}

  static boolean isNumeric(OutputType type) {
    return type == Scalar.INT
        || type == Scalar.BIGINT
        || type == Scalar.DOUBLE
        || type instanceof OutputType.Decimal;
  }

  /** The number as it is written. */
  static BigDecimal exact(Object number) {
    return new BigDecimal(number.toString());
  }

  static int codePoints(Object text) {
    String string = (String) text;
    return string.codePointCount(0, string.length());
  }

  static void requireNotNegative(String keyword, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(
          "%s is %d; it must be 0 or more".formatted(keyword, value));
    }
  }
}
