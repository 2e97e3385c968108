package ai.falaj.jobs.eval.grading;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;

/** However a number is written, it is that number and no other. */
class NumberFormatsPropertyTest {

  private static final Grader GRADER = new Grader();

  @Property(tries = 2_000)
  void takesEveryStyleForTheSameNumber(
      @ForAll @BigRange(min = "-99999999", max = "99999999") @Scale(3) BigDecimal number,
      @ForAll("styles") Tuple.Tuple2<String, UnaryOperator<String>> style) {
    String written = style.get2().apply(plain(number));

    assertThat(GRADER.isEqual(AnswerKind.NUMBER, plain(number), written))
        .as("%s written in the style %s: %s", plain(number), style.get1(), written)
        .isTrue();
  }

  @Property(tries = 2_000)
  void takesNoStyleForAnotherNumber(
      @ForAll @BigRange(min = "-99999999", max = "99999999") @Scale(3) BigDecimal number,
      @ForAll @IntRange(min = 1, max = 5_000) int thousandths,
      @ForAll("styles") Tuple.Tuple2<String, UnaryOperator<String>> style) {
    String other = plain(number.add(BigDecimal.valueOf(thousandths, 3)));
    String written = style.get2().apply(other);

    // A percent sign may be left out or counted: 50% is 50 and 0.5, and nothing else.
    boolean isPercentage =
        written.endsWith("%") && new BigDecimal(other).movePointLeft(2).compareTo(number) == 0;
    assertThat(GRADER.isEqual(AnswerKind.NUMBER, plain(number), written))
        .as("%s is not %s", plain(number), written)
        .isEqualTo(isPercentage);
  }

  @Property
  void findsTheNumberInItsBoxWhateverStandsAround(
      @ForAll int number, @ForAll("styles") Tuple.Tuple2<String, UnaryOperator<String>> style) {
    String text =
        "It is not 17.\nHence \\boxed{" + style.get2().apply(String.valueOf(number)) + "}, not 3.";

    assertThat(
            GRADER.grade(AnswerKey.of(AnswerKind.NUMBER, String.valueOf(number)), text).isCorrect())
        .as(text)
        .isTrue();
  }

  @Property
  void takesAFractionForItsQuotient(
      @ForAll @IntRange(min = -500, max = 500) int numerator,
      @ForAll @IntRange(min = 1, max = 500) int denominator,
      @ForAll @IntRange(min = 1, max = 40) int factor) {
    BigInteger divisor =
        BigInteger.valueOf(numerator).gcd(BigInteger.valueOf(denominator)).max(BigInteger.ONE);
    String lowest =
        "\\frac{"
            + numerator / divisor.intValueExact()
            + "}{"
            + denominator / divisor.intValueExact()
            + "}";

    assertThat(
            GRADER.isEqual(
                AnswerKind.EXPRESSION, lowest, numerator * factor + "/" + denominator * factor))
        .isTrue();
    assertThat(GRADER.isEqual(AnswerKind.EXPRESSION, lowest, (numerator + 1) + "/" + denominator))
        .isFalse();
  }

  @Property(tries = 3_000)
  void survivesAnyText(@ForAll("garbage") String expected, @ForAll("garbage") String text) {
    if (!expected.isBlank()) {
      assertThat(GRADER.grade(AnswerKey.of(AnswerKind.EXPRESSION, expected), text)).isNotNull();
    }
  }

  @Example
  void aCommaIsNoAnswer() {
    assertThat(GRADER.isEqual(AnswerKind.EXPRESSION, "7", ",")).isFalse();
  }

  @Provide
  Arbitrary<String> garbage() {
    return Arbitraries.of(
            "\\boxed{",
            "}",
            "{",
            "(",
            ")",
            "[",
            "]",
            "\\frac",
            "\\sqrt",
            "^",
            "_",
            "1",
            "23",
            ".",
            ",",
            "e",
            "i",
            "x",
            "\\{",
            "\\}",
            "-",
            "+",
            "/",
            "*",
            "!",
            "%",
            "|",
            "=",
            "<",
            "\\cup",
            "\\pm",
            "\\begin{pmatrix}",
            "\\end{pmatrix}",
            "&",
            "\\\\",
            "\\text{",
            "cm",
            "٣",
            " ",
            "\\infty",
            "\\log",
            "\\sin",
            "9^{9^{9^{9}}}",
            "####",
            "answer is ",
            "\\",
            "$",
            "\u0000")
        .list()
        .ofMaxSize(14)
        .map(pieces -> String.join("", pieces));
  }

  @Provide
  Arbitrary<Tuple.Tuple2<String, UnaryOperator<String>>> styles() {
    return Arbitraries.of(
        style("plain", number -> number),
        style("grouped by commas", number -> grouped(number, ",")),
        style("grouped by spaces", number -> grouped(number, " ")),
        style("grouped in LaTeX", number -> grouped(number, "{,}")),
        style("grouped by thin spaces", number -> grouped(number, "\\,")),
        style("more zeros", number -> number.contains(".") ? number + "00" : number + ".00"),
        style(
            "dollars",
            number -> number.startsWith("-") ? "-$" + number.substring(1) : "$" + number),
        style("mathematics", number -> "$" + number + "$"),
        style("with a unit", number -> number + " apples"),
        style("with a unit in LaTeX", number -> number + "\\text{ cm}"),
        style("percent", number -> number + "%"),
        style("bold", number -> "**" + number + "**"),
        style("Arabic", number -> inScript(number, '٠', '٫')),
        style(
            "Arabic, grouped",
            number -> inScript(grouped(number, ","), '٠', '٫').replace(',', '٬')),
        style("Persian", number -> inScript(number, '۰', '٫')),
        style("Devanagari", number -> inScript(number, '०', '.')),
        style("typographic minus", number -> number.replace('-', '−')),
        style("scientific", NumberFormatsPropertyTest::scientific),
        style("end of a sentence", number -> number + "."));
  }

  private static Tuple.Tuple2<String, UnaryOperator<String>> style(
      String name, UnaryOperator<String> format) {
    return Tuple.of(name, format);
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  private static String grouped(String number, String separator) {
    int point = number.indexOf('.') < 0 ? number.length() : number.indexOf('.');
    StringBuilder grouped = new StringBuilder(number);
    int first = number.startsWith("-") ? 1 : 0;
    for (int i = point - 3; i > first; i -= 3) {
      grouped.insert(i, separator);
    }
    return grouped.toString();
  }

  private static String inScript(String number, char zero, char point) {
    StringBuilder written = new StringBuilder();
    for (char c : number.toCharArray()) {
      written.append(c >= '0' && c <= '9' ? (char) (zero + c - '0') : c == '.' ? point : c);
    }
    return written.toString();
  }

  private static String scientific(String number) {
    BigDecimal value = new BigDecimal(number);
    int exponent = value.precision() - value.scale() - 1;
    return value.movePointLeft(exponent).toPlainString() + " \\times 10^{" + exponent + "}";
  }
}
