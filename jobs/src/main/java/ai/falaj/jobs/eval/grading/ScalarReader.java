package ai.falaj.jobs.eval.grading;

import ai.falaj.jobs.eval.grading.Token.Type;
import ai.falaj.jobs.eval.grading.Units.Unit;
import ai.falaj.jobs.eval.grading.Value.Scalar;
import java.util.List;
import java.util.Optional;

/**
 * Reads one number or expression with what may stand around it: a currency before it, a unit, a
 * percent sign or a degree sign behind it. Stateless but for the way of reading.
 */
final class ScalarReader {

  private final Reading reading;

  ScalarReader(Reading reading) {
    this.reading = reading;
  }

  Optional<Value> read(List<Token> tokens) {
    List<Token> rest = withoutCurrency(tokens);
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    int unitFrom = startOfUnit(rest);
    List<Token> amount = rest.subList(0, unitFrom);
    List<Token> unit = rest.subList(unitFrom, rest.size());
    if (amount.isEmpty()) {
      return Optional.empty();
    }
    boolean percentage = amount.get(amount.size() - 1).isOperator("%") || isPercent(unit);
    if (amount.get(amount.size() - 1).isOperator("%") || isAngle(amount)) {
      amount = amount.subList(0, amount.size() - 1);
    }
    Optional<Unit> known = unit.size() == 1 ? Units.find(unit.get(0).text()) : Optional.empty();
    return ExpressionParser.parse(amount)
        .map(expression -> new Scalar(expression, known, percentage));
  }

  private static List<Token> withoutCurrency(List<Token> tokens) {
    int from = 0;
    while (from < tokens.size()
        && tokens.get(from).is(Type.WORD)
        && Units.isCurrency(tokens.get(from).text())) {
      from++;
    }
    return tokens.subList(from, tokens.size());
  }

  /**
   * Where words begin that say what is counted; the end where there are none. Behind the first word
   * everything belongs to the unit: {@code miles per hour}, {@code \text{m}^2}.
   */
  private int startOfUnit(List<Token> tokens) {
    for (int i = 1; i < tokens.size(); i++) {
      if (tokens.get(i).is(Type.WORD)) {
        return i;
      }
    }
    int last = tokens.size() - 1;
    boolean letterIsUnit =
        reading.lettersAreUnits()
            && last > 0
            && tokens.get(last).is(Type.VARIABLE)
            && tokens.get(last - 1).is(Type.NUMBER)
            && Units.isKnown(tokens.get(last).text());
    return letterIsUnit ? last : tokens.size();
  }

  private static boolean isPercent(List<Token> unit) {
    return !unit.isEmpty() && unit.get(0).text().matches("(?i)percent|per cent|بالمئة|بالمائة");
  }

  /** Degrees are what an angle is measured in, unless a function takes the angle. */
  private static boolean isAngle(List<Token> amount) {
    return amount.size() > 1
        && amount.get(amount.size() - 1).is(Type.DEGREE)
        && amount.stream().noneMatch(token -> token.is(Type.FUNCTION));
  }
}
