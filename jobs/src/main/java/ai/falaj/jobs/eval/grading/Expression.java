package ai.falaj.jobs.eval.grading;

import java.math.BigDecimal;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * An arithmetic expression as a tree. How it is evaluated is elsewhere: {@link ExactArithmetic},
 * {@link ComplexArithmetic}.
 */
sealed interface Expression {

  /** A number as it is written. */
  record Literal(BigDecimal value) implements Expression {}

  record Variable(String name) implements Expression {}

  /** A number with a name. */
  enum Constant implements Expression {
    PI,
    E,
    I,
    INFINITY
  }

  record Negation(Expression operand) implements Expression {}

  record Binary(Operator operator, Expression left, Expression right) implements Expression {}

  /** {@code sqrt}, {@code fact}, or one of {@link Lexer#FUNCTIONS}. */
  record Call(String function, Expression argument) implements Expression {}

  /** What joins two expressions. */
  enum Operator {
    PLUS,
    MINUS,
    TIMES,
    DIVIDE,
    POWER
  }

  static Expression literal(long value) {
    return new Literal(BigDecimal.valueOf(value));
  }

  /** Names of the variables in it. */
  static Set<String> variables(Expression expression) {
    Set<String> names = new TreeSet<>();
    leaves(expression)
        .forEach(
            leaf -> {
              if (leaf instanceof Variable variable) {
                names.add(variable.name());
              }
            });
    return names;
  }

  /** Whether the constant is in it. */
  static boolean contains(Expression expression, Constant constant) {
    return leaves(expression).anyMatch(constant::equals);
  }

  private static Stream<Expression> leaves(Expression expression) {
    if (expression instanceof Negation negation) {
      return leaves(negation.operand());
    }
    if (expression instanceof Call call) {
      return leaves(call.argument());
    }
    if (expression instanceof Binary binary) {
      return Stream.concat(leaves(binary.left()), leaves(binary.right()));
    }
    return Stream.of(expression);
  }
}
