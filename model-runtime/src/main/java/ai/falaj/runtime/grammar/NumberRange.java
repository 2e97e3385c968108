package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.Regex.OneOf;
import ai.falaj.runtime.grammar.Regex.Repeat;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decimal numbers between bounds, as texts. Exact: digits are compared, nothing is rounded.
 * Immutable.
 *
 * @param lower absent for none
 * @param upper absent for none
 */
record NumberRange(Optional<Bound> lower, Optional<Bound> upper) {

  static final NumberRange ALL = new NumberRange(Optional.empty(), Optional.empty());

  private static final Regex DIGIT = new OneOf(CharSet.range('0', '9'));
  private static final Regex POSITIVE_DIGIT = new OneOf(CharSet.range('1', '9'));
  private static final Regex DIGITS = Regex.repeat(DIGIT, 0, Repeat.UNBOUNDED);
  private static final Regex ZEROS = Regex.repeat(Regex.literal("0"), 0, Repeat.UNBOUNDED);
  private static final Regex MINUS = Regex.literal("-");
  private static final Regex POINT = Regex.literal(".");
  private static final Regex MAYBE_FRACTION = Regex.optional(Regex.sequence(POINT, DIGIT, DIGITS));
  private static final Regex MAGNITUDE = Regex.sequence(DIGIT, DIGITS, MAYBE_FRACTION);

  /**
   * @param path of the keyword
   */
  record Bound(BigDecimal value, boolean exclusive, String path) {
    Bound negated() {
      return new Bound(value.negate(), exclusive, path);
    }
  }

  NumberRange and(NumberRange other) {
    return new NumberRange(tighter(lower, other.lower, 1), tighter(upper, other.upper, -1));
  }

  boolean contains(BigDecimal number) {
    return lower.map(b -> holds(number.compareTo(b.value), b)).orElse(true)
        && upper.map(b -> holds(b.value.compareTo(number), b)).orElse(true);
  }

  /** Whether no number is in it. */
  boolean isEmpty() {
    if (lower.isEmpty() || upper.isEmpty()) {
      return false;
    }
    int order = lower.get().value.compareTo(upper.get().value);
    return order > 0 || (order == 0 && (lower.get().exclusive || upper.get().exclusive));
  }

  /** Integers without point and exponent, of at most {@link Bounds#INTEGER_DIGITS} digits. */
  Automaton integers(String path) throws UnsupportedFormatException {
    BigInteger low = null;
    BigInteger high = null;
    if (lower.isPresent()) {
      BigDecimal value = requireDigits(lower.get(), Bounds.INTEGER_DIGITS).value;
      low = value.setScale(0, RoundingMode.CEILING).toBigInteger();
      boolean excluded = lower.get().exclusive && value.compareTo(new BigDecimal(low)) == 0;
      low = excluded ? low.add(BigInteger.ONE) : low;
    }
    if (upper.isPresent()) {
      BigDecimal value = requireDigits(upper.get(), Bounds.INTEGER_DIGITS).value;
      high = value.setScale(0, RoundingMode.FLOOR).toBigInteger();
      boolean excluded = upper.get().exclusive && value.compareTo(new BigDecimal(high)) == 0;
      high = excluded ? high.subtract(BigInteger.ONE) : high;
    }
    BigInteger largest =
        largestOf(Math.max(Bounds.NUMBER_DIGITS, Math.max(digitsOf(low), digitsOf(high))));
    low = low == null ? largest.negate() : low;
    high = high == null ? largest : high;
    Regex natural = naturals(low.max(BigInteger.ZERO), high);
    Regex negative = naturals(high.negate().max(BigInteger.ONE), low.negate());
    return Automaton.of(Regex.anyOf(natural, Regex.sequence(MINUS, negative)), path);
  }

  /**
   * Numbers with or without fraction, without exponent, of at most {@link Bounds#NUMBER_DIGITS}
   * digits: so few that no two of them are the same double.
   */
  Automaton numbers(String path) throws UnsupportedFormatException {
    Automaton numbers = Automaton.of(shape(), path);
    if (lower.isPresent()) {
      Bound bound = requireDigits(lower.get(), Bounds.NUMBER_DIGITS);
      numbers = numbers.intersect(Automaton.of(atLeast(bound), path), path);
    }
    if (upper.isPresent()) {
      Bound bound = requireDigits(upper.get(), Bounds.NUMBER_DIGITS);
      numbers = numbers.intersect(Automaton.of(atMost(bound), path), path);
    }
    return numbers;
  }

  private static Regex shape() {
    List<Regex> lengths = new ArrayList<>();
    for (int whole = 1; whole <= Bounds.NUMBER_DIGITS; whole++) {
      int fraction = Bounds.NUMBER_DIGITS - whole;
      Regex digits = Regex.sequence(POSITIVE_DIGIT, Regex.repeat(DIGIT, whole - 1, whole - 1));
      lengths.add(
          Regex.sequence(
              whole == 1 ? DIGIT : digits,
              fraction == 0
                  ? Regex.EMPTY
                  : Regex.optional(Regex.sequence(POINT, Regex.repeat(DIGIT, 1, fraction)))));
    }
    return Regex.sequence(Regex.optional(MINUS), new Regex.Alternatives(lengths));
  }

  private static Regex atLeast(Bound bound) {
    return bound.value.signum() < 0
        ? Regex.anyOf(MAGNITUDE, Regex.sequence(MINUS, magnitudeAtMost(bound.negated())))
        : magnitudeAtLeast(bound);
  }

  private static Regex atMost(Bound bound) {
    boolean negativeOnly =
        bound.value.signum() < 0 || (bound.value.signum() == 0 && bound.exclusive);
    return negativeOnly
        ? Regex.sequence(MINUS, magnitudeAtLeast(bound.negated()))
        : Regex.anyOf(Regex.sequence(MINUS, MAGNITUDE), magnitudeAtMost(bound));
  }

  private static Regex magnitudeAtLeast(Bound bound) {
    BigInteger whole = bound.value.toBigInteger();
    BigInteger largest = largestOf(Bounds.NUMBER_DIGITS);
    return Regex.anyOf(
        Regex.sequence(naturals(whole.add(BigInteger.ONE), largest), MAYBE_FRACTION),
        Regex.sequence(
            Regex.literal(whole.toString()), fractionAtLeast(fraction(bound), bound.exclusive)));
  }

  private static Regex magnitudeAtMost(Bound bound) {
    BigInteger whole = bound.value.toBigInteger();
    return Regex.anyOf(
        Regex.sequence(naturals(BigInteger.ZERO, whole.subtract(BigInteger.ONE)), MAYBE_FRACTION),
        Regex.sequence(
            Regex.literal(whole.toString()), fractionAtMost(fraction(bound), bound.exclusive)));
  }

  /** Digits after the point, without zeros at their end. */
  private static String fraction(Bound bound) {
    String plain = bound.value.stripTrailingZeros().toPlainString();
    int point = plain.indexOf('.');
    return point < 0 ? "" : plain.substring(point + 1);
  }

  private static Regex fractionAtLeast(String digits, boolean exclusive) {
    if (digits.isEmpty() && !exclusive) {
      return MAYBE_FRACTION;
    }
    Regex rest = exclusive ? Regex.sequence(ZEROS, POSITIVE_DIGIT, DIGITS) : DIGITS;
    for (int i = digits.length() - 1; i >= 0; i--) {
      char digit = digits.charAt(i);
      rest =
          Regex.anyOf(
              Regex.sequence(new OneOf(CharSet.range(digit + 1, '9')), DIGITS),
              Regex.sequence(new OneOf(CharSet.of(digit)), rest));
    }
    return Regex.sequence(POINT, rest);
  }

  private static Regex fractionAtMost(String digits, boolean exclusive) {
    if (digits.isEmpty()) {
      return exclusive ? Regex.NOTHING : Regex.optional(Regex.sequence(POINT, ZEROS));
    }
    Regex rest = exclusive ? Regex.NOTHING : ZEROS;
    for (int i = digits.length() - 1; i >= 0; i--) {
      char digit = digits.charAt(i);
      Regex from =
          Regex.anyOf(
              Regex.sequence(new OneOf(CharSet.range('0', digit - 1)), DIGITS),
              Regex.sequence(new OneOf(CharSet.of(digit)), rest));
      rest = i == 0 ? from : Regex.optional(from);
    }
    return Regex.optional(Regex.sequence(POINT, rest));
  }

  /** Natural numbers from low to high, without leading zeros; nothing if low is above high. */
  private static Regex naturals(BigInteger low, BigInteger high) {
    List<Regex> byLength = new ArrayList<>();
    if (low.compareTo(high) <= 0) {
      for (int digits = digitsOf(low); digits <= digitsOf(high); digits++) {
        BigInteger first = digits == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(digits - 1);
        String from = first.max(low).toString();
        String to = largestOf(digits).min(high).toString();
        byLength.add(sameLength(from, to));
      }
    }
    return new Regex.Alternatives(byLength);
  }

  /** Texts of as many digits as the two have, between them. */
  private static Regex sameLength(String from, String to) {
    int digits = from.length();
    if (from.equals("0".repeat(digits)) && to.equals("9".repeat(digits))) {
      return Regex.repeat(DIGIT, digits, digits);
    }
    char first = from.charAt(0);
    char last = to.charAt(0);
    String fromRest = from.substring(1);
    String toRest = to.substring(1);
    if (first == last) {
      return Regex.sequence(new OneOf(CharSet.of(first)), sameLength(fromRest, toRest));
    }
    int rest = digits - 1;
    return Regex.anyOf(
        Regex.sequence(new OneOf(CharSet.of(first)), sameLength(fromRest, "9".repeat(rest))),
        Regex.sequence(
            new OneOf(CharSet.range(first + 1, last - 1)), Regex.repeat(DIGIT, rest, rest)),
        Regex.sequence(new OneOf(CharSet.of(last)), sameLength("0".repeat(rest), toRest)));
  }

  private static int digitsOf(BigInteger number) {
    return number == null ? 0 : number.abs().toString().length();
  }

  private static BigInteger largestOf(int digits) {
    return BigInteger.TEN.pow(digits).subtract(BigInteger.ONE);
  }

  private static Bound requireDigits(Bound bound, int digits) throws UnsupportedFormatException {
    BigDecimal value = bound.value;
    long whole = Math.max(1, (long) value.precision() - value.scale());
    long fraction = Math.max(0, (long) value.stripTrailingZeros().scale());
    if (whole + fraction > digits) {
      throw UnsupportedFormatException.unsupported(
          bound.path, "%s has more than %d digits".formatted(value, digits));
    }
    return bound;
  }

  private static boolean holds(int comparison, Bound bound) {
    return bound.exclusive ? comparison > 0 : comparison >= 0;
  }

  private static Optional<Bound> tighter(Optional<Bound> a, Optional<Bound> b, int sign) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.or(() -> b);
    }
    int order = a.get().value.compareTo(b.get().value) * sign;
    return order > 0 || (order == 0 && a.get().exclusive) ? a : b;
  }
}
