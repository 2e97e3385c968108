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
    String text = decode(input, false);
    pending = input;
    return text;
  }

  /**
   * Ends the text: bytes that are still held back become U+FFFD. The assembler can be used again
   * afterwards.
   */
  public String finish() {
    String text = decode(pending, true);
    decoder.reset();
    pending = ByteBuffer.allocate(0);
    return text;
  }

  private String decode(ByteBuffer input, boolean endOfInput) {
    // One char per byte always suffices: a supplementary code point takes four bytes and two chars.
    CharBuffer output = CharBuffer.allocate(input.remaining() + 1);
    decoder.decode(input, output, endOfInput);
    if (endOfInput) {
      decoder.flush(output);
    }
    return output.flip().toString();
  }
}
