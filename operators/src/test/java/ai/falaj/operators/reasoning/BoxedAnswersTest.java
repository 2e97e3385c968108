package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoxedAnswersTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "so it is \\boxed{12} or rather \\boxed{1,234.50} | 1234.5",
        "<think>\\boxed{1}</think><answer>$\\boxed{\\dfrac{6}{4}}$</answer> | 1.5",
        "12 apples and 3 pears make #### 15 | 15",
        "<answer> -0.0 </answer> | 0",
        "<answer>١٬٢٣٤٫٥</answer> | 1234.5",
        "\\boxed{\\left( 1, 2 \\right)} | ( 1, 2 )",
        "\\boxed{\\text{ Yes }} | yes",
        "\\boxed{x^{2}+1} | x^{2}+1",
        "(C) | (c)",
        "42. | 42",
        "\\boxed{4/2} | 2",
        "\\boxed{-4/6} | -2/3",
      })
  void equalAnswersLookEqual(String answer, String form) {
    assertThat(BoxedAnswers.INSTANCE.of(answer)).contains(form);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "It depends on the water.", "\\boxed{ ", "<answer></answer>"})
  void whatCannotBeComparedHasNoForm(String answer) {
    assertThat(BoxedAnswers.INSTANCE.of(answer)).isEmpty();
  }

  @Test
  void aLongTextIsNoVote() {
    assertThat(BoxedAnswers.INSTANCE.of("\\boxed{" + "x".repeat(200) + "}")).isEmpty();
    assertThat(BoxedAnswers.INSTANCE.of("1/" + "0".repeat(3))).contains("1/0");
  }
}
