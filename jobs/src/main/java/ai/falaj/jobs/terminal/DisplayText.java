package ai.falaj.jobs.terminal;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.WCWidth;

/**
 * Text as a terminal shows it. Widths count terminal cells: Arabic and Latin letters take one, CJK
 * characters and emoji two, combining marks and joiners none. No cut is ever made between a
 * character and the marks that belong to it. Any thread.
 */
public final class DisplayText {

  private static final String ELLIPSIS = "…";
  private static final String LEFT_TO_RIGHT_MARK = "\u200e";
  private static final int ZERO_WIDTH_JOINER = 0x200d;

  private DisplayText() {}

  /** Cells that the text takes on one line. */
  public static int width(String text) {
    return text.codePoints().map(DisplayText::width).sum();
  }

  private static int width(int codePoint) {
    return Math.max(0, WCWidth.wcwidth(codePoint));
  }

  /**
   * The text without what would move the cursor, change colours or turn the direction of what
   * follows: model output never steers the terminal. Line ends and tabs stay.
   */
  public static String safe(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints().filter(DisplayText::isSafe).forEach(safe::appendCodePoint);
    return safe.toString();
  }

  private static boolean isSafe(int codePoint) {
    if (codePoint == '\n' || codePoint == '\t') {
      return true;
    }
    boolean steersDirection =
        (codePoint >= 0x202a && codePoint <= 0x202e)
            || (codePoint >= 0x2066 && codePoint <= 0x2069);
    return !Character.isISOControl(codePoint)
        && !steersDirection
        && Character.getType(codePoint) != Character.SURROGATE;
  }

  /** The text on one line: safe, white space of any kind and length shown as one blank. */
  public static String oneLine(String text) {
    return safe(text).replaceAll("\\s+", " ").strip();
  }

  /**
   * At most so many cells of the text; where something is cut off, the last cell is an ellipsis.
   */
  public static String clip(String text, int cells) {
    if (width(text) <= cells) {
      return text;
    }
    return cells < 1 ? "" : text.substring(0, fitting(text, 0, cells - 1)) + ELLIPSIS;
  }

  /** The text clipped or filled with blanks to exactly so many cells. */
  public static String pad(String text, int cells) {
    String clipped = clip(text, cells);
    return clipped + " ".repeat(Math.max(0, cells - width(clipped)));
  }

  /** As {@link #pad}, with the text at the right. */
  public static String padLeft(String text, int cells) {
    String clipped = clip(text, cells);
    return " ".repeat(Math.max(0, cells - width(clipped))) + clipped;
  }

  /**
   * A mark without width that keeps a terminal with bidirectional layout from exchanging two
   * columns of Arabic or Hebrew; empty for text that needs none.
   */
  public static String columnMark(String text) {
    boolean rightToLeft = text.codePoints().anyMatch(DisplayText::isRightToLeft);
    return rightToLeft ? LEFT_TO_RIGHT_MARK : "";
  }

  private static boolean isRightToLeft(int codePoint) {
    byte direction = Character.getDirectionality(codePoint);
    return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
        || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
  }

  /**
   * Breaks text into lines of at most so many cells: at line ends, at blanks, and inside words that
   * are longer than a line.
   */
  public static List<String> wrap(String text, int cells) {
    if (cells < 2) {
      throw new IllegalArgumentException("cells is " + cells + "; a wide character needs 2");
    }
    List<String> lines = new ArrayList<>();
    for (String paragraph : safe(text).replace("\t", "  ").split("\n", -1)) {
      wrapParagraph(paragraph, cells, lines);
    }
    return lines;
  }

  private static void wrapParagraph(String paragraph, int cells, List<String> lines) {
    int start = 0;
    do {
      int end = fitting(paragraph, start, cells);
      if (end == start && end < paragraph.length()) {
        // A joined emoji may be wider than the line; it gets one of its own.
        end = endOfCluster(paragraph, start);
      } else if (end < paragraph.length() && paragraph.charAt(end) != ' ') {
        int blank = paragraph.lastIndexOf(' ', end - 1);
        end = blank > start ? blank : end;
      }
      lines.add(paragraph.substring(start, end).stripTrailing());
      while (end < paragraph.length() && paragraph.charAt(end) == ' ') {
        end++;
      }
      start = end;
    } while (start < paragraph.length());
  }

  /**
   * End of the longest part from start that takes at most so many cells; never inside a cluster.
   */
  private static int fitting(String text, int start, int cells) {
    int used = 0;
    int end = start;
    int position = start;
    while (position < text.length()) {
      int next = endOfCluster(text, position);
      used += width(text.substring(position, next));
      if (used > cells) {
        return end;
      }
      end = next;
      position = next;
    }
    return end;
  }

  private static int endOfCluster(String text, int start) {
    int end = start + Character.charCount(text.codePointAt(start));
    boolean joined = false;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      if (!joined && width(codePoint) > 0) {
        return end;
      }
      joined = codePoint == ZERO_WIDTH_JOINER;
      end += Character.charCount(codePoint);
    }
    return end;
  }
}
