package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Expression.Constant;
import ai.falaj.jobs.eval.grading.Expression.Negation;
import ai.falaj.jobs.eval.grading.Expression.Variable;
import ai.falaj.jobs.eval.grading.Token.Type;
import ai.falaj.jobs.eval.grading.Value.Assignment;
import ai.falaj.jobs.eval.grading.Value.Equation;
import ai.falaj.jobs.eval.grading.Value.Matrix;
import ai.falaj.jobs.eval.grading.Value.Scalar;
import ai.falaj.jobs.eval.grading.Value.Sequence;
import ai.falaj.jobs.eval.grading.Value.Union;
import ai.falaj.jobs.eval.grading.Value.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a normalized answer as a {@link Value}: first what holds it together (equations, unions,
 * lists, brackets, relations), then the expressions inside. What cannot be read as mathematics is
 * {@link Words}. Stateless but for the way of reading.
 */
final class AnswerReader {

  private static final int MAX_DEPTH = 8;
  private static final Set<String> CONJUNCTIONS = Set.of("and", "or", "و", "أو");

  private final Reading reading;
  private final ScalarReader scalars;

  AnswerReader(Reading reading) {
    this.reading = reading;
    this.scalars = new ScalarReader(reading);
  }

  Value read(String normalized) {
    List<Token> tokens = new Lexer(normalized, !reading.commasSeparate()).tokens();
    return read(tokens, 0).orElseGet(() -> new Words(plainText(normalized)));
  }

  /** Letters and digits and what may stand between them in a time or a ratio, in small letters. */
  private static String plainText(String normalized) {
    return normalized
        .replaceAll("\\\\text(?=\\{)", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{M}\\p{Nd}:/+*^=<>\\\\-]", "");
  }

  private Optional<Value> read(List<Token> tokens, int depth) {
    if (tokens.isEmpty() || depth > MAX_DEPTH) {
      return Optional.empty();
    }
    if (indexOf(tokens, Type.EQUALS) >= 0) {
      return equation(tokens, depth);
    }
    int element = indexOf(tokens, Type.ELEMENT_OF);
    if (element >= 0) {
      return read(tokens.subList(element + 1, tokens.size()), depth + 1);
    }
    if (indexOf(tokens, Type.UNION) >= 0) {
      return all(split(tokens, Set.of(Type.UNION)), depth).map(Union::new);
    }
    Optional<Value> relation = relation(tokens, depth);
    if (relation.isPresent()) {
      return relation;
    }
    List<List<Token>> parts = solutions(tokens);
    if (parts.isEmpty()) { // nothing but commas
      return Optional.empty();
    }
    if (parts.size() > 1) {
      return all(parts, depth).map(items -> new Sequence("", items));
    }
    return one(parts.get(0), depth);
  }

  private Optional<Value> one(List<Token> tokens, int depth) {
    Token first = tokens.get(0);
    Token last = tokens.get(tokens.size() - 1);
    if (first.is(Type.BEGIN_MATRIX) && last.is(Type.END_MATRIX)) {
      return matrix(tokens.subList(1, tokens.size() - 1), depth);
    }
    if (first.is(Type.OPEN) && closes(tokens)) {
      Optional<Value> bracketed = bracketed(tokens, depth);
      if (bracketed.isPresent()) {
        return bracketed;
      }
    }
    int sign = indexOf(tokens, Type.PLUS_MINUS);
    if (sign >= 0) {
      return all(List.of(withSign(tokens, sign, "+"), withSign(tokens, sign, "-")), depth)
          .map(items -> new Sequence("", items));
    }
    return scalars.read(tokens);
  }

  private Optional<Value> bracketed(List<Token> tokens, int depth) {
    String brackets = tokens.get(0).text() + tokens.get(tokens.size() - 1).text();
    List<Token> inner = tokens.subList(1, tokens.size() - 1);
    if (brackets.equals("{}") && inner.isEmpty()) {
      return Optional.of(new Sequence(brackets, List.of()));
    }
    List<List<Token>> items = split(inner, Set.of(Type.COMMA, Type.SEMICOLON));
    if (items.size() == 1 && !brackets.equals("{}")) {
      return brackets.equals("()") || brackets.equals("[]")
          ? read(inner, depth + 1)
          : Optional.empty();
    }
    return all(items, depth).map(values -> new Sequence(brackets, values));
  }

  /** Whether the first bracket is closed by the last token and not before. */
  private static boolean closes(List<Token> tokens) {
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.get(i).is(Type.OPEN)) {
        depth++;
      } else if (tokens.get(i).is(Type.CLOSE)) {
        depth--;
        if (depth == 0) {
          return i == tokens.size() - 1;
        }
      }
    }
    return false;
  }

  private Optional<Value> matrix(List<Token> tokens, int depth) {
    List<List<Value>> rows = new ArrayList<>();
    for (List<Token> row : split(tokens, Set.of(Type.NEXT_ROW))) {
      if (row.isEmpty()) {
        continue; // after the last row break
      }
      Optional<List<Value>> cells = all(split(row, Set.of(Type.NEXT_CELL)), depth);
      if (cells.isEmpty()) {
        return Optional.empty();
      }
      rows.add(cells.get());
    }
    return rows.isEmpty() ? Optional.empty() : Optional.of(new Matrix(rows));
  }

  /** The last of several: in {@code x = 2 + 3 = 5} it is the result. */
  private Optional<Value> equation(List<Token> tokens, int depth) {
    List<List<Token>> sides = split(tokens, Set.of(Type.EQUALS, Type.COMMA, Type.WORD));
    List<List<Token>> solutions = solutions(tokens);
    if (solutions.size() > 1 && sides.size() > 2) {
      return all(solutions, depth).map(items -> new Sequence("", items));
    }
    sides = split(tokens, Set.of(Type.EQUALS));
    List<Token> result = sides.get(sides.size() - 1);
    Optional<Expression> left = ExpressionParser.parse(sides.get(0));
    if (left.filter(AnswerReader::isName).isPresent()) {
      return read(result, depth + 1).map(value -> new Assignment(left.get(), value));
    }
    Optional<Expression> right = ExpressionParser.parse(result);
    if (left.isPresent() && right.isPresent() && sides.size() == 2) {
      return Optional.of(new Equation(left.get(), right.get()));
    }
    return sides.get(0).stream().anyMatch(token -> token.is(Type.WORD))
        ? read(result, depth + 1)
        : Optional.empty();
  }

  /** {@code x}, {@code f(x)}, {@code A_1}. */
  private static boolean isName(Expression expression) {
    return expression instanceof Variable
        || expression instanceof Expression.Binary product
            && product.operator() == Expression.Operator.TIMES
            && product.left() instanceof Variable
            && product.right() instanceof Variable;
  }

  /** Inequalities of one variable are intervals. */
  private Optional<Value> relation(List<Token> tokens, int depth) {
    List<Token> signs = topLevel(tokens).stream().filter(t -> t.is(Type.RELATION)).toList();
    List<List<Token>> sides = split(tokens, Set.of(Type.RELATION));
    if (signs.isEmpty() || signs.size() > 2) {
      return Optional.empty();
    }
    boolean nameFirst = signs.size() == 1 && isVariable(sides.get(0));
    int name = nameFirst ? 0 : 1;
    if (!isVariable(sides.get(name))) {
      return Optional.empty();
    }
    Optional<Value> low = signs.size() == 2 ? read(sides.get(0), depth + 1) : infinite(true);
    Optional<Value> high = signs.size() == 2 ? read(sides.get(2), depth + 1) : infinite(false);
    String first = signs.get(0).text();
    if (signs.size() == 2) {
      boolean rising = first.startsWith("<") && signs.get(1).text().startsWith("<");
      return rising ? interval(low, high, first, signs.get(1).text()) : Optional.empty();
    }
    Optional<Value> bound = read(sides.get(nameFirst ? 1 : 0), depth + 1);
    boolean above = nameFirst == first.startsWith(">");
    return above ? interval(bound, high, first, "<") : interval(low, bound, "<", first);
  }

  private static Optional<Value> interval(
      Optional<Value> low, Optional<Value> high, String lowSign, String highSign) {
    if (low.isEmpty() || high.isEmpty()) {
      return Optional.empty();
    }
    String brackets = (lowSign.endsWith("=") ? "[" : "(") + (highSign.endsWith("=") ? "]" : ")");
    return Optional.of(new Sequence(brackets, List.of(low.get(), high.get())));
  }

  private static Optional<Value> infinite(boolean negative) {
    Expression bound = negative ? new Negation(Constant.INFINITY) : Constant.INFINITY;
    return Optional.of(new Scalar(bound, Optional.empty(), false));
  }

  private static boolean isVariable(List<Token> side) {
    return side.size() == 1 && side.get(0).is(Type.VARIABLE);
  }

  private Optional<List<Value>> all(List<List<Token>> parts, int depth) {
    List<Value> values = new ArrayList<>();
    for (List<Token> part : parts) {
      Optional<Value> value = read(part, depth + 1);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value.get());
    }
    return Optional.of(values);
  }

  private static List<List<Token>> solutions(List<Token> tokens) {
    List<Token> plain =
        tokens.stream()
            .map(
                token ->
                    token.is(Type.WORD) && CONJUNCTIONS.contains(token.text())
                        ? new Token(Type.COMMA, ",", true)
                        : token)
            .toList();
    return split(plain, Set.of(Type.COMMA, Type.SEMICOLON)).stream()
        .filter(part -> !part.isEmpty())
        .toList();
  }

  private static List<Token> withSign(List<Token> tokens, int at, String sign) {
    List<Token> signed = new ArrayList<>(tokens);
    signed.set(at, new Token(Type.OPERATOR, sign, false));
    return signed;
  }

  private static int indexOf(List<Token> tokens, Type type) {
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += nesting(tokens.get(i));
      if (depth == 0 && tokens.get(i).is(type)) {
        return i;
      }
    }
    return -1;
  }

  private static List<Token> topLevel(List<Token> tokens) {
    List<Token> found = new ArrayList<>();
    int depth = 0;
    for (Token token : tokens) {
      depth += nesting(token);
      if (depth == 0) {
        found.add(token);
      }
    }
    return found;
  }

  private static List<List<Token>> split(List<Token> tokens, Set<Type> separators) {
    List<List<Token>> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += nesting(tokens.get(i));
      if (depth == 0 && separators.contains(tokens.get(i).type())) {
        parts.add(tokens.subList(start, i));
        start = i + 1;
      }
    }
    parts.add(tokens.subList(start, tokens.size()));
    return parts;
  }

  private static int nesting(Token token) {
    return switch (token.type()) {
      case OPEN, OPEN_BRACE, BEGIN_MATRIX -> 1;
      case CLOSE, CLOSE_BRACE, END_MATRIX -> -1;
      default -> 0;
    };
  }
}
