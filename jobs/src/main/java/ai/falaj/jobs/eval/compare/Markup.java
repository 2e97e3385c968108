package ai.falaj.jobs.eval.compare;

import ai.falaj.jobs.terminal.DisplayText;
import java.util.Locale;

/** Text in XML and HTML. Pure. */
final class Markup {

  private static final String FIRST_STRONG_ISOLATE = "\u2068";
  private static final String POP_DIRECTIONAL_ISOLATE = "\u2069";

  private Markup() {}

  /** The text, safe as content and as an attribute's value. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return escaped.toString();
  }

  /** A name that keeps its own direction, and that of what stands beside it, within a text. */
  static String isolated(String name) {
    return DisplayText.columnMark(name).isEmpty()
        ? name
        : FIRST_STRONG_ISOLATE + name + POP_DIRECTIONAL_ISOLATE;
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
