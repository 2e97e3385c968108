package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Expression.Binary;
import ai.falaj.jobs.eval.grading.Expression.Literal;
import ai.falaj.jobs.eval.grading.Expression.Operator;
import ai.falaj.jobs.eval.grading.Units.Unit;
import ai.falaj.jobs.eval.grading.Value.Assignment;
import ai.falaj.jobs.eval.grading.Value.Equation;
import ai.falaj.jobs.eval.grading.Value.Matrix;
import ai.falaj.jobs.eval.grading.Value.Scalar;
import ai.falaj.jobs.eval.grading.Value.Sequence;
import ai.falaj.jobs.eval.grading.Value.Union;
import ai.falaj.jobs.eval.grading.Value.Words;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Compares what two answers say. Pure. */
final class ValueComparison {

  private ValueComparison() {}

  static boolean areEqual(Value expected, Value given) {
    if (expected instanceof Assignment left && given instanceof Assignment right) {
      return areEqual(left.value(), right.value())
          && (left.name().equals(right.name()) || !isExpressionOfVariables(left.value()));
    }
    if (expected instanceof Assignment assignment) {
      return areEqual(assignment.value(), given) || asEquation(assignment, given);
    }
    if (given instanceof Assignment assignment) {
      return areEqual(expected, assignment.value()) || asEquation(assignment, expected);
    }
    if (expected instanceof Scalar left && given instanceof Scalar right) {
      return areEqualScalars(left, right);
    }
    if (expected instanceof Sequence left && given instanceof Sequence right) {
      return areEqualSequences(left, right);
    }
    if (expected instanceof Union left && given instanceof Union right) {
      return areSameInAnyOrder(left.parts(), right.parts());
    }
    if (expected instanceof Matrix left && given instanceof Matrix right) {
      return areEqualMatrices(left, right);
    }
    if (expected instanceof Equation left && given instanceof Equation right) {
      return ExpressionComparison.areSameEquation(left, right);
    }
    if (expected instanceof Words left && given instanceof Words right) {
      return !left.text().isEmpty() && left.text().equals(right.text());
    }
    return isSingleton(expected, given) || isSingleton(given, expected);
  }

  /** In {@code y = 2x} the name matters, since it stands in an equation; in {@code x = 5} not. */
  private static boolean isExpressionOfVariables(Value value) {
    return value instanceof Scalar scalar && !Expression.variables(scalar.expression()).isEmpty();
  }

  private static boolean asEquation(Assignment assignment, Value other) {
    return other instanceof Equation equation
        && assignment.value() instanceof Scalar scalar
        && ExpressionComparison.areSameEquation(
            new Equation(assignment.name(), scalar.expression()), equation);
  }

  /** {@code \{5\}} is the set of solutions where 5 is the solution. */
  private static boolean isSingleton(Value set, Value element) {
    return set instanceof Sequence sequence
        && sequence.brackets().equals("{}")
        && sequence.items().size() == 1
        && !(element instanceof Sequence)
        && areEqual(sequence.items().get(0), element);
  }

  private static boolean areEqualScalars(Scalar expected, Scalar given) {
    if (expected.unit().isPresent() && given.unit().isPresent()) {
      Unit left = expected.unit().get();
      Unit right = given.unit().get();
      return left.dimension().equals(right.dimension())
          && ExpressionComparison.areEqual(
              scaled(expected.expression(), left), scaled(given.expression(), right));
    }
    if (ExpressionComparison.areEqual(expected.expression(), given.expression())) {
      return true;
    }
    if (expected.isPercentage() == given.isPercentage()) {
      return false;
    }
    return expected.isPercentage()
        ? ExpressionComparison.areEqual(hundredth(expected.expression()), given.expression())
        : ExpressionComparison.areEqual(expected.expression(), hundredth(given.expression()));
  }

  private static Expression scaled(Expression amount, Unit unit) {
    Expression factor =
        new Binary(
            Operator.DIVIDE,
            Expression.literal(unit.numerator()),
            Expression.literal(unit.denominator()));
    return new Binary(Operator.TIMES, amount, factor);
  }

  private static Expression hundredth(Expression percentage) {
    return new Binary(Operator.DIVIDE, percentage, new Literal(BigDecimal.valueOf(100)));
  }

  private static boolean areEqualSequences(Sequence expected, Sequence given) {
    if (expected.isUnordered() && given.isUnordered()) {
      return areSameInAnyOrder(expected.items(), given.items());
    }
    return expected.brackets().equals(given.brackets())
        && areSameInOrder(expected.items(), given.items());
  }

  private static boolean areEqualMatrices(Matrix expected, Matrix given) {
    if (expected.rows().size() != given.rows().size()) {
      return false;
    }
    for (int row = 0; row < expected.rows().size(); row++) {
      if (!areSameInOrder(expected.rows().get(row), given.rows().get(row))) {
        return false;
      }
    }
    return true;
  }

  private static boolean areSameInOrder(List<Value> expected, List<Value> given) {
    if (expected.size() != given.size()) {
      return false;
    }
    for (int i = 0; i < expected.size(); i++) {
      if (!areEqual(expected.get(i), given.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean areSameInAnyOrder(List<Value> expected, List<Value> given) {
    if (expected.size() != given.size()) {
      return false;
    }
    List<Value> left = new ArrayList<>(given);
    for (Value value : expected) {
      int found = -1;
      for (int i = 0; i < left.size() && found < 0; i++) {
        found = areEqual(value, left.get(i)) ? i : -1;
      }
      if (found < 0) {
        return false;
      }
      left.remove(found);
    }
    return true;
  }
}
