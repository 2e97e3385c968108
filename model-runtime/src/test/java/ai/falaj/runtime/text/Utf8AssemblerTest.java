package ai.falaj.runtime.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Utf8AssemblerTest {

  private final Utf8Assembler assembler = new Utf8Assembler();

  @Test
  void holdsBackAnArabicLetterUntilItsSecondByteComes() {
    byte[] letter = "م".getBytes(UTF_8);

    assertThat(assembler.append(new byte[] {letter[0]})).isEmpty();
    assertThat(assembler.append(new byte[] {letter[1]})).isEqualTo("م");
  }

  @Test
  void holdsBackAnEmojiUntilItsLastByteComes() {
    byte[] emoji = "😀".getBytes(UTF_8);

    for (int index = 0; index < 3; index++) {
      assertThat(assembler.append(new byte[] {emoji[index]})).isEmpty();
    }
    assertThat(assembler.append(new byte[] {emoji[3]})).isEqualTo("😀");
  }

  @Test
  void showsWhatIsCompleteBeforeAnUnfinishedCodePoint() {
    assertThat(assembler.append(bytes("6869f09f"))).isEqualTo("hi");
    assertThat(assembler.append(bytes("988021"))).isEqualTo("😀!");
  }

  @Test
  void replacesAnUnfinishedCodePointAtTheEnd() {
    assertThat(assembler.append(bytes("61f09f98"))).isEqualTo("a");
    assertThat(assembler.finish()).isEqualTo("\uFFFD");
  }

  @Test
  void showsMalformedBytesAsReplacementsWithoutWaiting() {
    assertThat(assembler.append(bytes("80"))).isEqualTo("\uFFFD");
    assertThat(assembler.append(bytes("ff41"))).isEqualTo("\uFFFDA");
  }

  @Test
  void canBeUsedAgainAfterTheEnd() {
    assembler.append(bytes("d9"));
    assertThat(assembler.finish()).isEqualTo("\uFFFD");
    assertThat(assembler.finish()).isEmpty();
    assertThat(assembler.append("مرحبا".getBytes(UTF_8))).isEqualTo("مرحبا");
    assertThat(assembler.finish()).isEmpty();
  }

  @Property(tries = 5_000)
  void anyCutsGiveTheTextOfTheWhole(
      @ForAll("bytes") byte[] bytes,
      @ForAll @Size(max = 30) List<@IntRange(max = 5) Integer> sizes) {
    StringBuilder text = new StringBuilder();
    for (byte[] piece : Pieces.of(bytes, sizes)) {
      String shown = assembler.append(piece);
      assertThat(shown).matches(Pieces::hasWholeCodePoints, "has whole code points");
      text.append(shown);
    }
    text.append(assembler.finish());

    assertThat(text.toString()).isEqualTo(new String(bytes, UTF_8));
  }

  /** Whole code points of every length, pieces of them, and bytes that no UTF-8 text has. */
  @Provide
  Arbitrary<byte[]> bytes() {
    Arbitrary<String> wellFormed =
        Arbitraries.of("a", "é", "م", "€", "語", "\uFFFD", "😀", "👩‍💻")
            .map(text -> HexFormat.of().formatHex(text.getBytes(UTF_8)));
    Arbitrary<String> malformed =
        Arbitraries.of(
            "00", "7f", "80", "8f", "90", "9f", "a0", "bf", "c0", "c1", "c2", "df", "e0", "e0a0",
            "e2", "e282", "ed", "eda0", "ef", "f0", "f09f", "f09f98", "f08f", "f4", "f490", "f5",
            "ff");
    return Arbitraries.oneOf(wellFormed, malformed)
        .list()
        .ofMaxSize(16)
        .map(parts -> bytes(String.join("", parts)));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
