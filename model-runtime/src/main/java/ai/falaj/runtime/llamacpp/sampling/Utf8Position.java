package ai.falaj.runtime.llamacpp.sampling;

/**
 * Where a sequence of bytes stands in UTF-8, as an automaton over RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF. llama.cpp's own decoder lets overlong forms pass.
 */
final class Utf8Position {

  /** Between two characters. */
  static final int BOUNDARY = 0;

  /** Not UTF-8. */
  static final int INVALID = -1;

  private static final int ONE_MORE = 1;
  private static final int TWO_MORE = 2;
  private static final int THREE_MORE = 3;
  private static final int AFTER_E0 = 4;
  private static final int AFTER_ED = 5;
  private static final int AFTER_F0 = 6;
  private static final int AFTER_F4 = 7;

  private Utf8Position() {}

  /** The position after some more bytes. */
  static int after(int position, byte[] bytes) {
    for (int i = 0; i < bytes.length && position != INVALID; i++) {
      position = after(position, bytes[i] & 0xff);
    }
    return position;
  }

  /** The position after one more byte, from 0 to 255. */
  static int after(int position, int octet) {
    return switch (position) {
      case BOUNDARY -> afterFirst(octet);
      case ONE_MORE -> within(octet, 0x80, 0xbf, BOUNDARY);
      case TWO_MORE -> within(octet, 0x80, 0xbf, ONE_MORE);
      case THREE_MORE -> within(octet, 0x80, 0xbf, TWO_MORE);
      case AFTER_E0 -> within(octet, 0xa0, 0xbf, ONE_MORE);
      case AFTER_ED -> within(octet, 0x80, 0x9f, ONE_MORE);
      case AFTER_F0 -> within(octet, 0x90, 0xbf, TWO_MORE);
      case AFTER_F4 -> within(octet, 0x80, 0x8f, TWO_MORE);
      default -> INVALID;
    };
  }

  private static int afterFirst(int octet) {
    if (octet < 0x80) {
      return BOUNDARY;
    }
    if (octet < 0xc2 || octet > 0xf4) {
      return INVALID;
    }
    if (octet < 0xe0) {
      return ONE_MORE;
    }
    return switch (octet) {
      case 0xe0 -> AFTER_E0;
      case 0xed -> AFTER_ED;
      case 0xf0 -> AFTER_F0;
      case 0xf4 -> AFTER_F4;
      default -> octet < 0xf0 ? TWO_MORE : THREE_MORE;
    };
  }

  private static int within(int octet, int low, int high, int next) {
    return octet >= low && octet <= high ? next : INVALID;
  }
}
