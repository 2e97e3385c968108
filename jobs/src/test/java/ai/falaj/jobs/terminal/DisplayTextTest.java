package ai.falaj.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisplayTextTest {

  private static final String FAMILY = "\uD83D\uDC69\u200D\uD83D\uDC67";

  @ParameterizedTest
  @CsvSource({"abc, 3", "نعم, 3", "نَعَم, 3", "日本, 4", "🙂, 2", "e\u0301, 1", "'', 0"})
  void measuresInCells(String text, int cells) {
    assertThat(DisplayText.width(text)).isEqualTo(cells);
  }

  @Test
  void clipsWithAnEllipsis() {
    assertThat(DisplayText.clip("abcdef", 6)).isEqualTo("abcdef");
    assertThat(DisplayText.clip("abcdef", 4)).isEqualTo("abc…");
    assertThat(DisplayText.clip("日本語", 4)).isEqualTo("日…");
    assertThat(DisplayText.clip("日本語", 1)).isEqualTo("…");
    assertThat(DisplayText.clip("abc", 0)).isEmpty();
  }

  @Test
  void neverCutsBetweenACharacterAndItsMarks() {
    assertThat(DisplayText.clip("نَعَم", 2)).isEqualTo("نَ…");
    assertThat(DisplayText.clip(FAMILY + "abc", 4)).isEqualTo("…");
  }

  @Test
  void padsToTheCell() {
    assertThat(DisplayText.pad("日本", 6)).isEqualTo("日本  ");
    assertThat(DisplayText.pad("日本語", 4)).isEqualTo("日… ");
    assertThat(DisplayText.padLeft("7", 3)).isEqualTo("  7");
  }

  @Test
  void wrapsAtBlanksAndLineEnds() {
    assertThat(DisplayText.wrap("the water runs\nby its slope", 9))
        .containsExactly("the water", "runs", "by its", "slope");
  }

  @Test
  void breaksWordsLongerThanALine() {
    assertThat(DisplayText.wrap("abcdefgh ij", 3)).containsExactly("abc", "def", "gh", "ij");
  }

  @Test
  void wrapsArabicWithItsMarks() {
    assertThat(DisplayText.wrap("العِلمُ نورٌ والجهلُ ظلامٌ", 12))
        .containsExactly("العِلمُ نورٌ", "والجهلُ ظلامٌ");
  }

  @Test
  void keepsModelOutputFromSteeringTheTerminal() {
    assertThat(DisplayText.safe("a\u001b[31mb\u0007\u202ec\r\n\td")).isEqualTo("a[31mbc\n\td");
    assertThat(DisplayText.oneLine(" a\n\tb  c ")).isEqualTo("a b c");
  }

  @Test
  void separatesColumnsOfRightToLeftText() {
    assertThat(DisplayText.columnMark("نعم")).isEqualTo("\u200e");
    assertThat(DisplayText.columnMark("yes")).isEmpty();
    assertThat(DisplayText.width("\u200e")).isZero();
  }

  @RepeatedTest(200)
  void wrappedLinesFitAndLoseNothingButBlanks(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String[] pieces = {"a", "water", " ", "  ", "نَعَم", "日本", "🙂", "e\u0301", "\n", "-"};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    int cells = 2 + random.nextInt(12);

    var lines = DisplayText.wrap(text.toString(), cells);

    assertThat(lines)
        .allSatisfy(line -> assertThat(DisplayText.width(line)).isLessThanOrEqualTo(cells));
    assertThat(String.join("", lines).replaceAll("\\s", ""))
        .isEqualTo(text.toString().replaceAll("\\s", ""));
  }
}
