package ai.falaj.runtime.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns the bytes of successive tokens into text, holding back the bytes of an unfinished code
 * point.
 *
 * <p>Byte-level vocabularies split code points between tokens; a reader must not see half of an
 * Arabic letter or an emoji. Malformed input becomes U+FFFD, as a decoder of the whole would do.
 * Confined to one thread.
 */
public final class Utf8Assembler {

  private static final int LONGEST_CODE_POINT_BYTES = 4;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);

  /** Bytes of an unfinished code point, at most three; always ready to be read. */
  private ByteBuffer pending = ByteBuffer.allocate(LONGEST_CODE_POINT_BYTES).flip();

  /** The text that {@code bytes} complete; empty while a code point is unfinished. */
  public String append(byte[] bytes) {
    if (bytes.length == 0) {
      return "";
    }
    ByteBuffer input = ByteBuffer.allocate(pending.remaining() + bytes.length);
    input.put(pending).put(bytes).flip();
    String text = decode(input);
    pending = input;
    return text;
  }

  /**
   * Ends the text. A code point that is still unfinished is dropped: the generation was cut inside
   * it, and the reader would see a replacement character that the model never wrote. The assembler
   * can be used again afterwards.
   */
  public void finish() {
    decoder.reset();
    pending = ByteBuffer.allocate(0);
  }

  private String decode(ByteBuffer input) {
    // One char per byte always suffices: a supplementary code point takes four bytes and two chars.
    CharBuffer output = CharBuffer.allocate(input.remaining() + 1);
    decoder.decode(input, output, false);
    return output.flip().toString();
  }
}
