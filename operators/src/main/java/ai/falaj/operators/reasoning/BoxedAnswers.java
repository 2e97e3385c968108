package ai.falaj.operators.reasoning;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares what stands in the last {@code \boxed}, after {@code ####} or alone, with numbers
 * written in one way. An answer in whole sentences has no form.
 */
public enum BoxedAnswers implements AnswerForm {
  INSTANCE;

  private static final String BOXED = "\\boxed{";
  private static final String MARK = "####";

  /** Longer texts are prose, which nobody writes twice in the same words. */
  private static final int MAX_CHARS = 100;

  private static final Pattern TAGGED =
      Pattern.compile("<answer>(.*?)(?:</answer>|$)", Pattern.DOTALL);
  private static final Pattern FRACTION = Pattern.compile("\\\\[dt]?frac\\{([^{}]+)}\\{([^{}]+)}");
  private static final Pattern TEXT = Pattern.compile("\\\\(?:text|mathrm|mathbf)\\{([^{}]*)}");
  private static final Pattern THOUSANDS = Pattern.compile("(?<=[0-9]),(?=[0-9]{3}(?![0-9]))");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]{1,50}(\\.[0-9]{0,50})?|\\.[0-9]{1,50})");
  private static final Pattern RATIO = Pattern.compile("([+-]?[0-9]{1,50})/([0-9]{1,50})");

  @Override
  public Optional<String> of(String answer) {
    String text = answer;
    Matcher tagged = TAGGED.matcher(answer);
    while (tagged.find()) {
      text = tagged.group(1);
    }
    if (text.contains(BOXED) && boxed(text).isEmpty()) {
      return Optional.empty(); // cut off within it
    }
    Optional<String> marked = boxed(text).or(() -> afterMark(answer));
    String form = normalised(marked.orElse(text));
    boolean isShort = !form.isEmpty() && form.length() <= MAX_CHARS;
    boolean isWord = marked.isPresent() || form.matches("\\S+");
    return isShort && isWord ? Optional.of(form) : Optional.empty();
  }

  /** What the last box holds, its own braces balanced. */
  private static Optional<String> boxed(String text) {
    int start = text.lastIndexOf(BOXED);
    if (start < 0) {
      return Optional.empty();
    }
    start += BOXED.length();
    int depth = 1;
    for (int i = start; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return Optional.of(text.substring(start, i));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> afterMark(String text) {
    int mark = text.lastIndexOf(MARK);
    return mark < 0
        ? Optional.empty()
        : Optional.of(text.substring(mark + MARK.length()).strip().lines().findFirst().orElse(""));
  }

  private static String normalised(String text) {
    String plain = asciiDigits(text).strip();
    plain = TEXT.matcher(plain).replaceAll("$1");
    plain = FRACTION.matcher(plain).replaceAll("$1/$2");
    plain =
        plain
            .replace("\\left", "")
            .replace("\\right", "")
            .replace("\\$", "")
            .replace("\\%", "%")
            .replace("\\,", "")
            .replace("\\!", "")
            .replace("$", "")
            .strip();
    plain = THOUSANDS.matcher(plain).replaceAll("");
    while (plain.endsWith(".") && plain.length() > 1) {
      plain = plain.substring(0, plain.length() - 1);
    }
    String compact = plain.replaceAll("\\s+", "");
    if (DECIMAL.matcher(compact).matches()) {
      return number(new BigDecimal(compact));
    }
    Matcher ratio = RATIO.matcher(compact);
    if (ratio.matches()) {
      return ratio(new BigInteger(ratio.group(1)), new BigInteger(ratio.group(2)));
    }
    return plain.replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  private static String number(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  /** As a decimal where it is one, such as 3/4; else in lowest terms. */
  private static String ratio(BigInteger numerator, BigInteger denominator) {
    if (denominator.signum() == 0) {
      return numerator + "/0";
    }
    BigInteger common = numerator.gcd(denominator);
    BigInteger above = numerator.divide(common);
    BigInteger below = denominator.divide(common);
    BigInteger rest = below;
    for (BigInteger factor : List.of(BigInteger.TWO, BigInteger.valueOf(5))) {
      while (rest.mod(factor).signum() == 0) {
        rest = rest.divide(factor);
      }
    }
    return rest.equals(BigInteger.ONE)
        ? number(new BigDecimal(above).divide(new BigDecimal(below)))
        : above + "/" + below;
  }

  /** Arabic-Indic digits and others, and their separators, as ASCII. */
  private static String asciiDigits(String text) {
    StringBuilder ascii = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (Character.isDigit(c)) {
                ascii.append(Character.digit(c, 10));
              } else if (c == '٫') {
                ascii.append('.');
              } else if (c == '٬') {
                ascii.append(',');
              } else if (c == '−') {
                ascii.append('-');
              } else {
                ascii.appendCodePoint(c);
              }
            });
    return ascii.toString();
  }
}
