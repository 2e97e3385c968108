package ai.falaj.jobs.eval.grading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.jobs.eval.grading.ExtractedAnswer.Source;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the labelled answers do not say: how answers are found, and that nothing stops the grader.
 */
class GraderTest {

  private final Grader grader = new Grader();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          so \\boxed{7} and #### 8      | 7    | BOX
          the answer is 6. #### 8       | 8    | HASHES
          the answer is 6. Not 9.       | 6    | PHRASE
          there are 6 and then 9 eggs   | 9    | LAST_NUMBER
          it costs $1,234.50 in all     | $1,234.50 | LAST_NUMBER
          """)
  void takesTheSurestMark(String text, String found, Source source) {
    assertThat(grader.grade(AnswerKey.of(AnswerKind.NUMBER, "1"), text).answer())
        .contains(new ExtractedAnswer(found, source));
  }

  @Test
  void findsNoAnswerWhereThereIsNone() {
    assertThat(grader.grade(AnswerKey.of(AnswerKind.NUMBER, "1"), "I do not know").answer())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1486.81, 1.486811 \\times 10^{3}, false",
    "1486.811, 1.486811 \\times 10^{3}, true",
    "0.123457, 1234567/10^7, false",
    "0.333333, 1/3, true",
    "0.333334, 1/3, false",
    "1.41421, \\sqrt{2}, true"
  })
  void takesARoundedDecimalOnlyForDigitsThatDoNotEnd(
      String decimal, String exact, boolean isEqual) {
    assertThat(grader.isEqual(AnswerKind.EXPRESSION, decimal, exact)).isEqualTo(isEqual);
    assertThat(grader.isEqual(AnswerKind.EXPRESSION, exact, decimal)).isEqualTo(isEqual);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2^{10^{1000000000}}",
        "1e9999",
        "3!!!!!!!!!!",
        "99999999999!",
        "\\sqrt{\\sqrt{\\sqrt{10^{10^{10}}}}}",
        "1/0",
        "0^{-1}",
        "\\binom{1000000000}{500000000}"
      })
  @Timeout(value = 5, unit = TimeUnit.SECONDS)
  void endsSoonWhateverHasToBeComputed(String expression) {
    assertThat(grader.isEqual(AnswerKind.EXPRESSION, "1", expression)).isFalse();
    assertThat(grader.isEqual(AnswerKind.EXPRESSION, expression, "1")).isFalse();
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.SECONDS)
  void endsSoonHoweverDeepAnswersNestAndHoweverLongTheyAre() {
    for (String piece :
        List.of("(", "{", "\\sqrt{", "\\frac{1}{", "-", "2^", "|", "\\{", "\\text{")) {
      String nested = piece.repeat(5_000) + "1";
      assertThat(grader.isEqual(AnswerKind.EXPRESSION, "1", nested)).as(piece).isFalse();
      assertThat(
              grader.grade(AnswerKey.of(AnswerKind.EXPRESSION, "1"), "\\boxed{" + nested).answer())
          .isPresent();
    }
  }

  @Test
  void refusesKeysThatNoAnswerCouldMatch() {
    assertThatThrownBy(() -> AnswerKey.of(AnswerKind.NUMBER, " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the expected answer is empty");
    assertThatThrownBy(() -> new AnswerKey(AnswerKind.CHOICE, "C", List.of("x", "y")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the right choice is C; it must be A to B");
    assertThatThrownBy(() -> new AnswerKey(AnswerKind.CHOICE, "A", List.of("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are 1 choices; there must be 2 to 26");
  }

  @Test
  void normalizesNothingTwice() {
    for (String answer : List.of("$\\dfrac12$", "١٬٢٣٤", "\\left( 1, 2 \\right)", "**5** cm.")) {
      String once = AnswerNormalizer.normalize(answer);
      assertThat(AnswerNormalizer.normalize(once)).isEqualTo(once);
    }
  }
}
