package ai.falaj.operators.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.schemas.Usage;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesAndKeysTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "acme", "a|b", "%7C", "%257C|%", "|||", "سد 😀", "\n\u0000"})
  void aGroupComesBackFromItsText(String name) {
    GroupKey group = GroupKey.of(Grouping.TENANT_MODEL_TEMPLATE, new Cell(true, name, "k2", name));

    assertThat(GroupKey.parse(group.text())).isEqualTo(group);
  }

  @Test
  void differentGroupsHaveDifferentTexts() {
    String one = GroupKey.of(Grouping.TENANT_MODEL_TEMPLATE, new Cell(true, "a|b", "c", "")).text();
    String other =
        GroupKey.of(Grouping.TENANT_MODEL_TEMPLATE, new Cell(true, "a", "b|c", "")).text();

    assertThat(one).isNotEqualTo(other);
  }

  @Test
  void longNamesAreCutAndStayDifferent() {
    String one = Names.bounded("x".repeat(1_000_000) + "1");
    String other = Names.bounded("x".repeat(1_000_000) + "2");

    assertThat(one).hasSizeLessThanOrEqualTo(Names.MAX_CHARS).isNotEqualTo(other);
    assertThat(Names.bounded("😀".repeat(1_000)).codePoints())
        .allMatch(point -> point > 0xFFFF || point < 0xD800);
    assertThat(Names.bounded("x".repeat(Names.MAX_CHARS))).isEqualTo("x".repeat(Names.MAX_CHARS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"category\":\"leak\"};leak",
        "  {\"category\":\"تسرب\"}  ;تسرب",
        "{\"category\":7};7",
        "{\"category\":true};true",
        "{\"category\":[\"leak\",\"odour\",{\"x\":1}]};leak,odour",
        "{\"category\":null};",
        "{\"category\":{\"deep\":1}};",
        "{\"other\":\"leak\"};",
        "{\"category\":\"leak\";",
        "leak;"
      })
  void findsTheLabelsOfAnAnswer(String answer, String labels) {
    assertThat(new LabelField("/category").labelsOf(answer))
        .containsExactly(labels == null ? new String[0] : labels.split(","));
  }

  @Test
  void takesABoundedNumberOfBoundedLabels() {
    String list = "[" + "\"x\",".repeat(999) + "\"x\"]";

    assertThat(new LabelField("/category").labelsOf("{\"category\":" + list + "}"))
        .hasSize(LabelField.MAX_LABELS);
    assertThat(
            new LabelField("/category")
                .labelsOf("{\"category\":\"" + "y".repeat(1_000_000) + "\"}")
                .get(0))
        .hasSizeLessThanOrEqualTo(Names.MAX_CHARS);
    assertThat(LabelField.NONE.labelsOf("{\"category\":\"leak\"}")).isEmpty();
  }

  /** Nesting beyond what the parser bears is no label, and no failure. */
  @Test
  void deepAnswersHaveNoLabel() {
    String deep = "{\"category\":".repeat(100_000) + "1" + "}".repeat(100_000);

    assertThat(new LabelField("/category").labelsOf(deep)).isEmpty();
  }

  @Test
  void refusesWhatIsNoPointer() {
    assertThatThrownBy(() -> new LabelField("category"))
        .hasMessage("'category' is no JSON pointer; write it as /category");
  }

  @Test
  void pricesTokensByMillionsAndRoundsEachRequest() {
    Price price =
        new Price(new BigDecimal("0.60"), new BigDecimal("0.0375"), new BigDecimal("2.4"));

    assertThat(price.costNanos(usage(1_000, 400, 200))).isEqualTo(360_000 + 15_000 + 480_000);
    assertThat(price.costNanos(usage(1, 1, 0))).isEqualTo(38); // 37.5
    assertThat(price.costNanos(usage(0, 0, 0))).isZero();
    assertThat(price.costNanos(usage(5, 9, -1))).as("counts that cannot be").isEqualTo(338);
  }

  @Test
  void theDearestRequestFitsIntoALong() {
    BigDecimal dearest = new BigDecimal("1000000");
    int most = Integer.MAX_VALUE;

    assertThat(new Price(dearest, dearest, dearest).costNanos(usage(most, 0, most)))
        .isEqualTo(2L * most * 1_000_000_000);
    assertThatThrownBy(() -> new Price(dearest.add(BigDecimal.ONE), dearest, dearest))
        .hasMessage("a price is 1000001; give 0 to 1000000");
  }

  private static Usage usage(int prompt, int cached, int completion) {
    return Usage.newBuilder()
        .setPromptTokens(prompt)
        .setCachedTokens(cached)
        .setCompletionTokens(completion)
        .build();
  }
}
