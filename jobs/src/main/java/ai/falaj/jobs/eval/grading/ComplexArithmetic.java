package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Expression.Binary;
import ai.falaj.jobs.eval.grading.Expression.Call;
import ai.falaj.jobs.eval.grading.Expression.Constant;
import ai.falaj.jobs.eval.grading.Expression.Literal;
import ai.falaj.jobs.eval.grading.Expression.Negation;
import ai.falaj.jobs.eval.grading.Expression.Variable;
import java.util.Map;
import org.apache.commons.numbers.complex.Complex;

/**
 * Values of expressions in floating point, principal branches. What has no value is not a number.
 * Pure.
 */
final class ComplexArithmetic {

  private static final Complex NOT_A_NUMBER = Complex.ofCartesian(Double.NaN, Double.NaN);
  private static final int MAX_FACTORIAL = 170;
  private static final double WHOLE_ROOT_TOLERANCE = 1e-12;

  private final Map<String, Double> variables;

  /**
   * @param variables a value for each variable
   */
  ComplexArithmetic(Map<String, Double> variables) {
    this.variables = Map.copyOf(variables);
  }

  Complex value(Expression expression) {
    if (expression instanceof Literal literal) {
      return real(literal.value().doubleValue());
    }
    if (expression instanceof Variable variable) {
      return real(variables.get(variable.name()));
    }
    if (expression instanceof Constant constant) {
      return constant(constant);
    }
    if (expression instanceof Negation negation) {
      return value(negation.operand()).negate();
    }
    if (expression instanceof Call call) {
      return call(call.function(), value(call.argument()));
    }
    Binary binary = (Binary) expression;
    return combine(binary.operator(), value(binary.left()), value(binary.right()));
  }

  private static Complex constant(Constant constant) {
    return switch (constant) {
      case PI -> real(Math.PI);
      case E -> real(Math.E);
      case I -> Complex.I;
      case INFINITY -> real(Double.POSITIVE_INFINITY);
    };
  }

  private static Complex combine(Expression.Operator operator, Complex left, Complex right) {
    return switch (operator) {
      case PLUS -> left.add(right);
      case MINUS -> left.subtract(right);
      case TIMES -> isReal(left) ? right.multiply(left.real()) : left.multiply(right);
      case DIVIDE -> isReal(right) ? left.divide(right.real()) : left.divide(right);
      case POWER -> power(left, right);
    };
  }

  /** Real wherever school mathematics says so: the cube root of -8 is -2. */
  private static Complex power(Complex base, Complex exponent) {
    if (!isReal(base) || !isReal(exponent)) {
      return base.pow(exponent);
    }
    double power = Math.pow(base.real(), exponent.real());
    if (!Double.isNaN(power) || Double.isNaN(base.real()) || Double.isNaN(exponent.real())) {
      return real(power);
    }
    double root = 1 / exponent.real();
    boolean oddRoot =
        Math.abs(root - Math.rint(root)) < WHOLE_ROOT_TOLERANCE
            && Math.abs(Math.rint(root)) % 2 == 1;
    return oddRoot ? real(-Math.pow(-base.real(), exponent.real())) : base.pow(exponent);
  }

  private static Complex call(String function, Complex x) {
    return switch (function) {
      case "abs" -> real(x.abs());
      case "sqrt" -> x.sqrt();
      case "fact" -> factorial(x);
      case "sin" -> x.sin();
      case "cos" -> x.cos();
      case "tan" -> x.tan();
      case "cot" -> Complex.ONE.divide(x.tan());
      case "sec" -> Complex.ONE.divide(x.cos());
      case "csc" -> Complex.ONE.divide(x.sin());
      case "arcsin" -> x.asin();
      case "arccos" -> x.acos();
      case "arctan" -> x.atan();
      case "sinh" -> x.sinh();
      case "cosh" -> x.cosh();
      case "tanh" -> x.tanh();
      case "ln" -> x.log();
      case "log", "lg" -> x.log10();
      case "exp" -> x.exp();
      default -> throw new IllegalStateException("no function " + function);
    };
  }

  private static Complex factorial(Complex x) {
    if (!isReal(x) || x.real() < 0 || x.real() > MAX_FACTORIAL || x.real() != Math.rint(x.real())) {
      return NOT_A_NUMBER;
    }
    double product = 1;
    for (int i = 2; i <= x.real(); i++) {
      product *= i;
    }
    return real(product);
  }

  private static Complex real(double value) {
    return Complex.ofCartesian(value, 0);
  }

  private static boolean isReal(Complex value) {
    return value.imag() == 0;
  }
}
