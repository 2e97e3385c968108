package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Expression.Binary;
import ai.falaj.jobs.eval.grading.Expression.Constant;
import ai.falaj.jobs.eval.grading.Expression.Literal;
import ai.falaj.jobs.eval.grading.Expression.Negation;
import ai.falaj.jobs.eval.grading.Expression.Operator;
import ai.falaj.jobs.eval.grading.Value.Equation;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.commons.numbers.complex.Complex;
import org.apache.commons.numbers.fraction.BigFraction;

/**
 * Whether expressions have the same value: exactly where both are rational, in floating point where
 * they are not, and at random points where they have variables. Two expressions that differ agree
 * at a random point hardly ever (Schwartz and Zippel), and here have to at several. Pure: the
 * points are always the same ones.
 */
final class ExpressionComparison {

  private static final double RELATIVE_TOLERANCE = 1e-9;

  /** From so many digits on, a decimal may stand for the number that it rounds. */
  private static final int DIGITS_OF_A_ROUNDED_VALUE = 6;

  private static final int POINTS = 24;
  private static final int POINTS_NEEDED = 4;
  private static final long SEED = 0x5DEECE66DL;

  private ExpressionComparison() {}

  static boolean areEqual(Expression left, Expression right) {
    Set<String> variables = variables(left, right);
    if (!variables.isEmpty()) {
      return agreeAtPoints(left, right, variables);
    }
    Optional<BigFraction> exactLeft = ExactArithmetic.value(left);
    Optional<BigFraction> exactRight = ExactArithmetic.value(right);
    if (exactLeft.isPresent() && exactRight.isPresent() && exactLeft.equals(exactRight)) {
      return true;
    }
    Complex valueLeft = new ComplexArithmetic(Map.of()).value(left);
    Complex valueRight = new ComplexArithmetic(Map.of()).value(right);
    if (Expression.contains(left, Constant.INFINITY)
        && Expression.contains(right, Constant.INFINITY)) {
      return valueLeft.real() == valueRight.real();
    }
    boolean bothExact = exactLeft.isPresent() && exactRight.isPresent();
    return !bothExact && areClose(valueLeft, valueRight)
        || isRounded(left, right, valueRight)
        || isRounded(right, left, valueLeft);
  }

  private static Set<String> variables(Expression... expressions) {
    Set<String> names = new TreeSet<>();
    for (Expression expression : expressions) {
      names.addAll(Expression.variables(expression));
    }
    return names;
  }

  /** Points where a side has no real value say nothing, as where a logarithm is not defined. */
  private static boolean agreeAtPoints(Expression left, Expression right, Set<String> variables) {
    SplittableRandom random = new SplittableRandom(SEED);
    boolean isComplex =
        Expression.contains(left, Constant.I) || Expression.contains(right, Constant.I);
    int agreed = 0;
    for (int i = 0; i < POINTS; i++) {
      ComplexArithmetic point = new ComplexArithmetic(point(variables, random));
      Complex valueLeft = point.value(left);
      Complex valueRight = point.value(right);
      if (!isFinite(valueLeft) || !isFinite(valueRight)) {
        continue;
      }
      if (areClose(valueLeft, valueRight)) {
        agreed++;
      } else if (isReal(valueLeft) && isReal(valueRight) || isComplex) {
        return false;
      }
    }
    return agreed >= POINTS_NEEDED;
  }

  /**
   * Whether two equations have the same solutions, as far as one is a multiple of the other: {@code
   * y = 2x + 1} and {@code 2x - y = -1}.
   */
  static boolean areSameEquation(Equation one, Equation other) {
    Expression left = difference(one);
    Expression right = difference(other);
    Set<String> variables = variables(left, right);
    SplittableRandom random = new SplittableRandom(SEED);
    Optional<Complex> ratio = Optional.empty();
    int agreed = 0;
    for (int i = 0; i < POINTS; i++) {
      ComplexArithmetic point = new ComplexArithmetic(point(variables, random));
      Complex quotient = point.value(left).divide(point.value(right));
      if (!isFinite(quotient) || quotient.abs() == 0) {
        continue;
      }
      if (ratio.isPresent() && !areClose(ratio.get(), quotient)) {
        return false;
      }
      ratio = Optional.of(quotient);
      agreed++;
    }
    return agreed >= POINTS_NEEDED;
  }

  private static Expression difference(Equation equation) {
    return new Binary(Operator.MINUS, equation.left(), equation.right());
  }

  /** Of both signs, neither near zero nor so large that powers overflow. */
  private static Map<String, Double> point(Set<String> variables, SplittableRandom random) {
    Map<String, Double> point = new HashMap<>();
    for (String variable : variables) {
      double size = 0.3 + 2.5 * random.nextDouble();
      point.put(variable, random.nextInt(3) == 0 ? -size : size);
    }
    return point;
  }

  private static boolean areClose(Complex left, Complex right) {
    if (!isFinite(left) || !isFinite(right)) {
      return false; // too large for a comparison, or without a value
    }
    double size = Math.max(1e-12, Math.max(left.abs(), right.abs()));
    return left.subtract(right).abs() <= RELATIVE_TOLERANCE * size;
  }

  /**
   * Whether the decimal is the other value, rounded to the decimal's digits. Only for values whose
   * own digits do not end: {@code 0.123457} is neither {@code 0.1234567} nor {@code 1.234567 \times
   * 10^{-1}}.
   */
  private static boolean isRounded(Expression decimal, Expression exact, Complex value) {
    Optional<BigDecimal> written = decimal(decimal);
    if (written.isEmpty() || !isFinite(value) || !isReal(value)) {
      return false;
    }
    if (decimal(exact).isPresent()
        || ExactArithmetic.value(exact).filter(ExactArithmetic::isDecimal).isPresent()) {
      return false;
    }
    int digits = written.get().precision();
    if (written.get().scale() < 1 || digits < DIGITS_OF_A_ROUNDED_VALUE || digits > 15) {
      return false;
    }
    BigDecimal rounded = new BigDecimal(value.real()).round(new MathContext(digits));
    return rounded.compareTo(written.get()) == 0;
  }

  private static Optional<BigDecimal> decimal(Expression expression) {
    if (expression instanceof Negation negation) {
      return decimal(negation.operand()).map(BigDecimal::negate);
    }
    return expression instanceof Literal literal ? Optional.of(literal.value()) : Optional.empty();
  }

  private static boolean isFinite(Complex value) {
    return Double.isFinite(value.real()) && Double.isFinite(value.imag());
  }

  private static boolean isReal(Complex value) {
    return Math.abs(value.imag()) <= RELATIVE_TOLERANCE * Math.max(1e-12, value.abs());
  }
}
