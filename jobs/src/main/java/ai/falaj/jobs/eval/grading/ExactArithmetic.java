package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Expression.Binary;
import ai.falaj.jobs.eval.grading.Expression.Call;
import ai.falaj.jobs.eval.grading.Expression.Literal;
import ai.falaj.jobs.eval.grading.Expression.Negation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import org.apache.commons.numbers.fraction.BigFraction;

/**
 * Values of expressions that are rational, exactly. Bounded: what would take more than some
 * thousand bits has no value here, and is compared in floating point. Pure.
 */
final class ExactArithmetic {

  private static final int MAX_BITS = 4_096;
  private static final int MAX_EXPONENT = 2_000;
  private static final int MAX_FACTORIAL = 300;
  private static final int MAX_SCALE = 1_000;

  private ExactArithmetic() {}

  /** The value; empty where it is not rational, or not known to be, or too large. */
  static Optional<BigFraction> value(Expression expression) {
    try {
      return evaluate(expression).filter(ExactArithmetic::isSmall);
    } catch (ArithmeticException e) {
      return Optional.empty(); // a division by zero
    }
  }

  /** Whether the value has a decimal expansion that ends. */
  static boolean isDecimal(BigFraction value) {
    BigInteger denominator = value.getDenominator().abs();
    // Ten to the power of its bits holds every factor 2 and 5 that the denominator can have.
    return BigInteger.TEN.modPow(BigInteger.valueOf(denominator.bitLength()), denominator).signum()
        == 0;
  }

  private static Optional<BigFraction> evaluate(Expression expression) {
    if (expression instanceof Literal literal) {
      return fraction(literal.value());
    }
    if (expression instanceof Negation negation) {
      return evaluate(negation.operand()).map(BigFraction::negate);
    }
    if (expression instanceof Call call) {
      return evaluate(call.argument()).flatMap(argument -> call(call.function(), argument));
    }
    if (expression instanceof Binary binary) {
      Optional<BigFraction> left = evaluate(binary.left()).filter(ExactArithmetic::isSmall);
      Optional<BigFraction> right = evaluate(binary.right()).filter(ExactArithmetic::isSmall);
      return left.isEmpty() || right.isEmpty()
          ? Optional.empty()
          : combine(binary.operator(), left.get(), right.get());
    }
    return Optional.empty();
  }

  private static Optional<BigFraction> fraction(BigDecimal decimal) {
    if (Math.abs((long) decimal.scale()) > MAX_SCALE) {
      return Optional.empty();
    }
    return Optional.of(
        decimal.scale() >= 0
            ? BigFraction.of(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()))
            : BigFraction.of(decimal.toBigIntegerExact()));
  }

  private static Optional<BigFraction> combine(
      Expression.Operator operator, BigFraction left, BigFraction right) {
    return switch (operator) {
      case PLUS -> Optional.of(left.add(right));
      case MINUS -> Optional.of(left.subtract(right));
      case TIMES -> Optional.of(left.multiply(right));
      case DIVIDE -> Optional.of(left.divide(right));
      case POWER -> power(left, right);
    };
  }

  private static Optional<BigFraction> power(BigFraction base, BigFraction exponent) {
    boolean whole = exponent.getDenominator().equals(BigInteger.ONE);
    if (!whole || exponent.abs().compareTo(BigFraction.of(MAX_EXPONENT)) > 0) {
      return Optional.empty();
    }
    int power = exponent.getNumerator().intValueExact();
    long bits = (long) bits(base) * Math.abs(power);
    return bits > MAX_BITS ? Optional.empty() : Optional.of(base.pow(power));
  }

  private static Optional<BigFraction> call(String function, BigFraction argument) {
    return switch (function) {
      case "abs" -> Optional.of(argument.abs());
      case "sqrt" -> squareRoot(argument);
      case "fact" -> factorial(argument);
      default -> Optional.empty();
    };
  }

  private static Optional<BigFraction> squareRoot(BigFraction argument) {
    if (argument.signum() < 0) {
      return Optional.empty();
    }
    BigInteger numerator = argument.getNumerator().sqrt();
    BigInteger denominator = argument.getDenominator().sqrt();
    BigFraction root = BigFraction.of(numerator, denominator);
    return root.multiply(root).equals(argument) ? Optional.of(root) : Optional.empty();
  }

  private static Optional<BigFraction> factorial(BigFraction argument) {
    boolean whole = argument.getDenominator().equals(BigInteger.ONE);
    if (!whole || argument.signum() < 0 || argument.compareTo(BigFraction.of(MAX_FACTORIAL)) > 0) {
      return Optional.empty();
    }
    BigInteger product = BigInteger.ONE;
    for (int i = 2; i <= argument.intValue(); i++) {
      product = product.multiply(BigInteger.valueOf(i));
    }
    return Optional.of(BigFraction.of(product));
  }

  private static boolean isSmall(BigFraction value) {
    return bits(value) <= MAX_BITS;
  }

  private static int bits(BigFraction value) {
    return value.getNumerator().bitLength() + value.getDenominator().bitLength();
  }
}
