package ai.falaj.runtime.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts texts into pieces, as tokens do. */
final class Pieces {

  private Pieces() {}

  /** Pieces of the given sizes in bytes, then the rest in one. */
  static List<byte[]> of(byte[] bytes, List<Integer> sizes) {
    List<byte[]> pieces = new ArrayList<>();
    int start = 0;
    for (int size : sizes) {
      int end = Math.min(bytes.length, start + size);
      pieces.add(Arrays.copyOfRange(bytes, start, end));
      start = end;
    }
    pieces.add(Arrays.copyOfRange(bytes, start, bytes.length));
    return pieces;
  }

  /** Pieces of the given sizes in code points, then the rest in one. */
  static List<String> of(String text, List<Integer> sizes) {
    List<String> pieces = new ArrayList<>();
    int start = 0;
    for (int size : sizes) {
      int left = text.codePointCount(start, text.length());
      int end = text.offsetByCodePoints(start, Math.min(size, left));
      pieces.add(text.substring(start, end));
      start = end;
    }
    pieces.add(text.substring(start));
    return pieces;
  }

  /** One piece per code point. */
  static List<String> codePoints(String text) {
    return text.codePoints().mapToObj(Character::toString).toList();
  }

  /** Whether the text neither begins nor ends with half a code point. */
  static boolean hasWholeCodePoints(String text) {
    return text.isEmpty()
        || !Character.isLowSurrogate(text.charAt(0))
            && !Character.isHighSurrogate(text.charAt(text.length() - 1));
  }
}
