package ai.falaj.jobs.eval.grading;

import java.util.Optional;
import java.util.OptionalInt;

/** Finds LaTeX arguments, whose braces nest. Pure. */
final class LatexBraces {

  private static final char ESCAPE = '\\';

  private LatexBraces() {}

  /**
   * Index of the brace that closes the one at {@code open}; empty where none does. Braces after a
   * backslash are text.
   */
  static OptionalInt closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ESCAPE) {
        i++;
      } else if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
        if (depth == 0) {
          return OptionalInt.of(i);
        }
      }
    }
    return OptionalInt.empty();
  }

  /**
   * The argument of the last complete use of a command, such as {@code \boxed}, that is not blank;
   * empty where it is not used, or every use lacks its closing brace, as in a text that was cut, or
   * its content.
   */
  static Optional<String> lastArgument(String text, String command) {
    int at = text.lastIndexOf(command);
    while (at >= 0) {
      int open = skipSpaces(text, at + command.length());
      if (open < text.length() && text.charAt(open) == '{') {
        OptionalInt close = closing(text, open);
        if (close.isPresent() && !text.substring(open + 1, close.getAsInt()).isBlank()) {
          return Optional.of(text.substring(open + 1, close.getAsInt()));
        }
      }
      at = at == 0 ? -1 : text.lastIndexOf(command, at - 1);
    }
    return Optional.empty();
  }

  private static int skipSpaces(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) == ' ') {
      i++;
    }
    return i;
  }
}
