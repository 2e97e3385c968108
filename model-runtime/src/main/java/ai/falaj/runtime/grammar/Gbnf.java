package ai.falaj.runtime.grammar;

import java.util.stream.Collectors;

/** Spelling of terminals in llama.cpp's notation. Any thread. */
final class Gbnf {

  /** Texts that a long repetition is cut into. */
  static final int BLOCK = 1_000;

  private Gbnf() {}

  /** A text that stands for itself, in quotes. */
  static String literal(String text) {
    StringBuilder gbnf = new StringBuilder("\"");
    text.codePoints().forEach(c -> gbnf.append(c == ' ' ? " " : spelled(c)));
    return gbnf.append('"').toString();
  }

  /** One of some characters, in brackets. */
  static String characters(CharSet set) {
    return set.ranges().stream()
        .map(
            range ->
                range.first() == range.last()
                    ? spelled(range.first())
                    : spelled(range.first()) + "-" + spelled(range.last()))
        .collect(Collectors.joining("", "[", "]"));
  }

  private static String spelled(int codePoint) {
    boolean plain =
        codePoint < 0x7f
            && (Character.isLetterOrDigit(codePoint) || ",:{}_./+".indexOf(codePoint) >= 0);
    if (plain) {
      return Character.toString(codePoint);
    }
    String hex = Integer.toHexString(codePoint);
    if (hex.length() <= 2) {
      return "\\x" + "0".repeat(2 - hex.length()) + hex;
    }
    return hex.length() <= 4
        ? "\\u" + "0".repeat(4 - hex.length()) + hex
        : "\\U" + "0".repeat(8 - hex.length()) + hex;
  }
}
