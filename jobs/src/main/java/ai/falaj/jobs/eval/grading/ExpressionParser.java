package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Expression.Binary;
import ai.falaj.jobs.eval.grading.Expression.Call;
import ai.falaj.jobs.eval.grading.Expression.Constant;
import ai.falaj.jobs.eval.grading.Expression.Literal;
import ai.falaj.jobs.eval.grading.Expression.Negation;
import ai.falaj.jobs.eval.grading.Expression.Operator;
import ai.falaj.jobs.eval.grading.Expression.Variable;
import ai.falaj.jobs.eval.grading.Token.Type;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads tokens as one arithmetic expression, with the precedences of written mathematics: {@code
 * -x^2} is {@code -(x^2)}, {@code 2x} a product, {@code 3\frac{1}{2}} and {@code 3 1/2} sums.
 * Recursive descent, as deep as {@link #MAX_DEPTH}. Confined to one thread, used once.
 */
final class ExpressionParser {

  private static final int MAX_DEPTH = 60;
  private static final int MAX_TOKENS = 600;

  /** Functions whose power -1 is written for the inverse function. */
  private static final Set<String> ANGLES = Set.of("sin", "cos", "tan");

  private static final Expression HALF_TURN = Expression.literal(180);

  private final List<Token> tokens;
  private int at;
  private int depth;

  private ExpressionParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** The expression; empty where the tokens are not exactly one. */
  static Optional<Expression> parse(List<Token> tokens) {
    if (tokens.isEmpty() || tokens.size() > MAX_TOKENS) {
      return Optional.empty();
    }
    ExpressionParser parser = new ExpressionParser(tokens);
    try {
      Expression expression = parser.sum();
      return parser.at == tokens.size() ? Optional.of(expression) : Optional.empty();
    } catch (NoExpressionException e) {
      return Optional.empty();
    }
  }

  /** The tokens are no expression. Leaves the parser only as an empty result. */
  private static final class NoExpressionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoExpressionException() {
      super(null, null, false, false);
    }
  }

  private boolean ended() {
    return at >= tokens.size();
  }

  private boolean sees(Type type) {
    return !ended() && tokens.get(at).is(type);
  }

  private boolean seesOperator(String operator) {
    return !ended() && tokens.get(at).isOperator(operator);
  }

  private Token take() {
    if (ended()) {
      throw new NoExpressionException();
    }
    return tokens.get(at++);
  }

  private void expect(Type type) {
    if (!take().is(type)) {
      throw new NoExpressionException();
    }
  }

  private Expression sum() {
    if (++depth > MAX_DEPTH) {
      throw new NoExpressionException();
    }
    Expression left = product();
    while (seesOperator("+") || seesOperator("-")) {
      Operator operator = take().text().equals("+") ? Operator.PLUS : Operator.MINUS;
      left = new Binary(operator, left, product());
    }
    depth--;
    return left;
  }

  private Expression product() {
    Expression left = signed();
    while (true) {
      if (seesOperator("*") || seesOperator("/")) {
        Operator operator = take().text().equals("*") ? Operator.TIMES : Operator.DIVIDE;
        left = new Binary(operator, left, signed());
      } else if (startsFactor()) {
        left = new Binary(Operator.TIMES, left, power());
      } else {
        return left;
      }
    }
  }

  private Expression signed() {
    if (seesOperator("-") || seesOperator("+")) {
      boolean negative = take().text().equals("-");
      if (++depth > MAX_DEPTH) {
        throw new NoExpressionException();
      }
      Expression operand = signed();
      depth--;
      return negative ? new Negation(operand) : operand;
    }
    return power();
  }

  /** Whether a factor without a sign of multiplication comes; two numbers in a row are none. */
  private boolean startsFactor() {
    if (ended()) {
      return false;
    }
    return switch (tokens.get(at).type()) {
      case VARIABLE, CONSTANT, FUNCTION, FRAC, BINOM, SQRT, OPEN_BRACE -> true;
      case OPEN -> !tokens.get(at).text().equals("{");
      case NUMBER -> !tokens.get(at - 1).is(Type.NUMBER);
      default -> false;
    };
  }

  private Expression power() {
    Expression base = postfix();
    if (seesOperator("^")) {
      take();
      return new Binary(Operator.POWER, base, exponent());
    }
    return base;
  }

  /** A group, or as in typed mathematics a signed number with further exponents. */
  private Expression exponent() {
    boolean negative = seesOperator("-");
    if (negative) {
      take();
    }
    Expression operand = power();
    return negative ? new Negation(operand) : operand;
  }

  private Expression postfix() {
    Expression operand = primary();
    while (true) {
      if (seesOperator("!")) {
        take();
        operand = new Call("fact", operand);
      } else if (seesOperator("%")) {
        take();
        operand = new Binary(Operator.DIVIDE, operand, Expression.literal(100));
      } else if (sees(Type.DEGREE)) {
        take();
        Expression turn = new Binary(Operator.DIVIDE, Constant.PI, HALF_TURN);
        operand = new Binary(Operator.TIMES, operand, turn);
      } else {
        return operand;
      }
    }
  }

  private Expression primary() {
    Token token = take();
    return switch (token.type()) {
      case NUMBER -> number(token);
      case VARIABLE -> new Variable(token.text());
      case CONSTANT -> constant(token.text());
      case FRAC -> new Binary(Operator.DIVIDE, argument(), argument());
      case BINOM -> binomial(argument(), argument());
      case SQRT -> root();
      case FUNCTION -> function(token.text());
      case OPEN -> grouped(token.text());
      case OPEN_BRACE -> closed(Type.CLOSE_BRACE);
      case BAR -> new Call("abs", closed(Type.BAR));
      default -> throw new NoExpressionException();
    };
  }

  private Expression grouped(String open) {
    if (open.equals("{")) {
      throw new NoExpressionException();
    }
    Expression inner = sum();
    Token close = take();
    if (!close.is(Type.CLOSE, open.equals("(") ? ")" : "]")) {
      throw new NoExpressionException();
    }
    return inner;
  }

  private Expression closed(Type close) {
    Expression inner = sum();
    expect(close);
    return inner;
  }

  private static Expression constant(String name) {
    return switch (name) {
      case "pi" -> Constant.PI;
      case "e" -> Constant.E;
      case "i" -> Constant.I;
      default -> Constant.INFINITY;
    };
  }

  /** A number, or with a fraction of whole numbers behind it a mixed number. */
  private Expression number(Token token) {
    Expression whole = new Literal(new BigDecimal(token.text()));
    if (!isWhole(token)) {
      return whole;
    }
    if (sees(Type.FRAC)) {
      return maybeMixed(whole);
    }
    boolean fractionFollows =
        at + 2 < tokens.size()
            && isWhole(tokens.get(at))
            && tokens.get(at).afterSpace()
            && tokens.get(at + 1).isOperator("/")
            && isWhole(tokens.get(at + 2));
    if (!fractionFollows) {
      return whole;
    }
    Expression numerator = new Literal(new BigDecimal(take().text()));
    take();
    Expression denominator = new Literal(new BigDecimal(take().text()));
    return new Binary(Operator.PLUS, whole, new Binary(Operator.DIVIDE, numerator, denominator));
  }

  /** {@code 3\frac12} is mixed, {@code 3\frac{x}{2}} is a product. */
  private Expression maybeMixed(Expression whole) {
    int before = at;
    take();
    Expression numerator = argument();
    Expression denominator = argument();
    if (numerator instanceof Literal && denominator instanceof Literal) {
      return new Binary(Operator.PLUS, whole, new Binary(Operator.DIVIDE, numerator, denominator));
    }
    at = before;
    return whole;
  }

  private static boolean isWhole(Token token) {
    return token.is(Type.NUMBER) && token.text().chars().allMatch(Character::isDigit);
  }

  private static Expression binomial(Expression n, Expression k) {
    Expression rest = new Call("fact", new Binary(Operator.MINUS, n, k));
    Expression below = new Binary(Operator.TIMES, new Call("fact", k), rest);
    return new Binary(Operator.DIVIDE, new Call("fact", n), below);
  }

  /** {@code \sqrt{x}}, {@code \sqrt[3]{x}}, {@code \sqrt 2}, {@code sqrt(2)}. */
  private Expression root() {
    if (sees(Type.OPEN) && tokens.get(at).text().equals("[")) {
      take();
      Expression index = sum();
      if (!take().is(Type.CLOSE, "]")) {
        throw new NoExpressionException();
      }
      Expression power = new Binary(Operator.DIVIDE, Expression.literal(1), index);
      return new Binary(Operator.POWER, argument(), power);
    }
    return new Call("sqrt", argument());
  }

  /** {@code \sin^2 x}, {@code \log_2 8}, {@code \cos 2x}, {@code ln(x)}. */
  private Expression function(String name) {
    Optional<Expression> base = Optional.empty();
    Optional<Expression> power = Optional.empty();
    if (seesOperator("_")) {
      take();
      base = Optional.of(argument());
    }
    if (seesOperator("^")) {
      take();
      power = Optional.of(exponentOfFunction());
    }
    Expression argument = functionArgument();
    boolean inverse = power.filter(p -> p instanceof Negation).isPresent() && ANGLES.contains(name);
    if (inverse) {
      return new Call("arc" + name, argument);
    }
    Expression value =
        base.<Expression>map(
                b -> new Binary(Operator.DIVIDE, new Call("ln", argument), new Call("ln", b)))
            .orElseGet(() -> new Call(name, argument));
    return power.<Expression>map(p -> new Binary(Operator.POWER, value, p)).orElse(value);
  }

  private Expression exponentOfFunction() {
    boolean negative = seesOperator("-");
    if (negative) {
      take();
    }
    Expression exponent = argument();
    return negative ? new Negation(exponent) : exponent;
  }

  private Expression functionArgument() {
    boolean isGroup = sees(Type.OPEN) || sees(Type.OPEN_BRACE);
    Expression argument = power();
    while (!isGroup && startsFactor() && !sees(Type.FUNCTION)) {
      argument = new Binary(Operator.TIMES, argument, power());
    }
    return argument;
  }

  /**
   * A group, a letter, a command or a number; {@link AnswerNormalizer} has put digits that LaTeX
   * takes one by one, as in {@code \frac12}, into groups.
   */
  private Expression argument() {
    if (++depth > MAX_DEPTH) {
      throw new NoExpressionException();
    }
    Expression argument = primary();
    depth--;
    return argument;
  }
}
