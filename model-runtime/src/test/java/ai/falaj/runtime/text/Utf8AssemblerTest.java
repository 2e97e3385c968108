package ai.falaj.runtime.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
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
  void dropsAnUnfinishedCodePointAtTheEnd() {
    assertThat(assembler.append(bytes("61f09f98"))).isEqualTo("a");
    assembler.finish();
    assertThat(assembler.append(bytes("62"))).isEqualTo("b");
  }

  @Test
  void showsMalformedBytesAsReplacementsWithoutWaiting() {
    assertThat(assembler.append(bytes("80"))).isEqualTo("\uFFFD");
    assertThat(assembler.append(bytes("ff41"))).isEqualTo("\uFFFDA");
  }

  @Test
  void canBeUsedAgainAfterTheEnd() {
    assembler.append(bytes("d9"));
    assembler.finish();
    assembler.finish();
    assertThat(assembler.append("مرحبا".getBytes(UTF_8))).isEqualTo("مرحبا");
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
    assembler.finish();

    assertThat(text.toString()).isEqualTo(withoutUnfinishedEnd(bytes));
  }

  /**
   * The text of the whole; the JDK's decoder keeps an unfinished end to itself until the input
   * ends.
   */
  private static String withoutUnfinishedEnd(byte[] bytes) {
    CharBuffer text = CharBuffer.allocate(bytes.length + 1);
    UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .decode(ByteBuffer.wrap(bytes), text, false);
    return text.flip().toString();
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
