package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Units.Unit;
import java.util.List;
import java.util.Optional;

/** What an answer says. */
sealed interface Value {

  /**
   * A number or an expression.
   *
   * @param unit what it is measured in, where that is known
   * @param isPercentage whether a percent sign follows
   */
  record Scalar(Expression expression, Optional<Unit> unit, boolean isPercentage)
      implements Value {}

  /**
   * Several values: a tuple, an interval, a set, solutions one after the other.
   *
   * @param brackets the opening and the closing one; empty where there are none
   */
  record Sequence(String brackets, List<Value> items) implements Value {

    public Sequence {
      items = List.copyOf(items);
    }

    /** Sets, and solutions without brackets. */
    boolean isUnordered() {
      return brackets.isEmpty() || brackets.equals("{}");
    }
  }

  /** Sets or intervals together. */
  record Union(List<Value> parts) implements Value {
    public Union {
      parts = List.copyOf(parts);
    }
  }

  record Matrix(List<List<Value>> rows) implements Value {
    public Matrix {
      rows = rows.stream().map(List::copyOf).toList();
    }
  }

  /** An equation that is itself the answer, such as that of a line. */
  record Equation(Expression left, Expression right) implements Value {}

  /** {@code x = 5}: the value, for which the name does not matter. */
  record Assignment(Expression name, Value value) implements Value {}

  /** No mathematics. */
  record Words(String text) implements Value {}
}
