package ai.falaj.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StopStringsTest {

  @Test
  void showsEverythingAtOnceWithoutStopStrings() {
    StopStrings stops = new StopStrings(List.of());

    assertThat(stops.append("any text")).isEqualTo("any text");
    assertThat(stops.finish()).isEmpty();
    assertThat(stops.matched()).isFalse();
  }

  @Test
  void endsTheTextBeforeAStopStringInsideAPiece() {
    StopStrings stops = new StopStrings(List.of("END"));

    assertThat(stops.append("the END of it")).isEqualTo("the ");
    assertThat(stops.matched()).isTrue();
  }

  @Test
  void findsAStopStringThatIsSpreadOverPieces() {
    StopStrings stops = new StopStrings(List.of("\n\nUser:"));

    assertThat(stops.append("Yes.\n")).isEqualTo("Yes.");
    assertThat(stops.append("\nUs")).isEmpty();
    assertThat(stops.append("er: and")).isEmpty();
    assertThat(stops.matched()).isTrue();
  }

  @Test
  void showsWhatWasHeldBackOnceItCannotBecomeAStopString() {
    StopStrings stops = new StopStrings(List.of("\n\nUser:"));

    assertThat(stops.append("a\n\nUs")).isEqualTo("a");
    assertThat(stops.append("ually")).isEqualTo("\n\nUsually");
  }

  @Test
  void goesOnHoldingTheEndThatMayStillBecomeAStopString() {
    StopStrings stops = new StopStrings(List.of("abac"));

    assertThat(stops.append("aba")).isEmpty();
    assertThat(stops.append("ba")).isEqualTo("ab");
    assertThat(stops.append("c")).isEmpty();
    assertThat(stops.matched()).isTrue();
  }

  @Test
  void showsNothingAfterAMatch() {
    StopStrings stops = new StopStrings(List.of("."));
    stops.append("One. Two");

    assertThat(stops.append(" more")).isEmpty();
    assertThat(stops.finish()).isEmpty();
    assertThat(stops.matched()).isTrue();
  }

  @Test
  void releasesAnUnfinishedStopStringAtTheEnd() {
    StopStrings stops = new StopStrings(List.of("</s>"));

    assertThat(stops.append("done</")).isEqualTo("done");
    assertThat(stops.finish()).isEqualTo("</");
    assertThat(stops.finish()).isEmpty();
    assertThat(stops.matched()).isFalse();
  }

  @Test
  void theStopStringThatIsCompleteFirstWinsHoweverTheTextIsCut() {
    for (List<String> pieces : List.of(List.of("abcd"), List.of("abc", "d"), List.of("a", "bcd"))) {
      StopStrings stops = new StopStrings(List.of("abcd", "bc"));

      assertThat(shown(stops, pieces)).isEqualTo("a");
    }
  }

  @Test
  void theLongestOfTheStopStringsThatAreCompleteTogetherWins() {
    StopStrings stops = new StopStrings(List.of("\n", "\n\n\n", "\r\n"));

    assertThat(shown(stops, List.of("line\r", "\n"))).isEqualTo("line");
  }

  @Test
  void refusesAnEmptyStopString() {
    assertThatThrownBy(() -> new StopStrings(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void holdsBackLessThanTheLongestStopStringOfAnEndlessText() {
    StopStrings stops = new StopStrings(List.of("a".repeat(100) + "b"));
    int shown = 0;
    for (int length = 1; length <= 100_000; length++) {
      shown += stops.append("a").length();
      assertThat(length - shown).isLessThanOrEqualTo(100);
    }
  }

  @Property(tries = 5_000)
  void anyCutsGiveTheTextBeforeTheFirstStopString(
      @ForAll("texts") String text,
      @ForAll("stops") List<String> stopStrings,
      @ForAll @Size(max = 30) List<@IntRange(max = 4) Integer> sizes) {
    StopStrings stops = new StopStrings(stopStrings);

    assertThat(shown(stops, Pieces.of(text, sizes)))
        .isEqualTo(Oracles.untilStop(text, stopStrings));
    assertThat(stops.matched()).isEqualTo(stopStrings.stream().anyMatch(text::contains));
  }

  @Property
  void aStopStringThatNeverComesChangesNothing(
      @ForAll("texts") String text,
      @ForAll @Size(max = 30) List<@IntRange(max = 4) Integer> sizes) {
    StopStrings stops = new StopStrings(List.of(text + "z", "aaz", "ab😁"));

    assertThat(shown(stops, Pieces.of(text, sizes))).isEqualTo(text);
    assertThat(stops.matched()).isFalse();
  }

  /** Few letters, so that stop strings and their beginnings are frequent. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("a", "b", "م", "😀").list().ofMaxSize(24).map(l -> String.join("", l));
  }

  @Provide
  Arbitrary<List<String>> stops() {
    return Arbitraries.of("a", "b", "م", "😀")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(letters -> String.join("", letters))
        .list()
        .ofMaxSize(4);
  }

  private static String shown(StopStrings stops, List<String> pieces) {
    StringBuilder shown = new StringBuilder();
    for (String piece : pieces) {
      String text = stops.append(piece);
      assertThat(text).matches(Pieces::hasWholeCodePoints, "has whole code points");
      shown.append(text);
    }
    return shown.append(stops.finish()).toString();
  }
}
