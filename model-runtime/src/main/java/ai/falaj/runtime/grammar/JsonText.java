package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.GrammarRules.Alternative;
import java.util.ArrayList;
import java.util.List;

/**
 * How characters are written inside a JSON string. Each has one spelling only: itself where JSON
 * allows it, its short escape, or a four-digit escape for other control characters. So lengths in
 * code points are counted exactly and no unpaired surrogate can be written. Any thread.
 */
final class JsonText {

  private static final String SHORT_ESCAPED = "\"\\\b\f\n\r\t";
  private static final String SHORT_ESCAPES = "\"\\bfnrt";
  private static final CharSet CONTROL = CharSet.range(0x01, 0x1f);

  /** Characters that stand for themselves. */
  static final CharSet PLAIN = CharSet.ALL.minus(CONTROL).minus(CharSet.of("\"\\"));

  private static final CharSet LONG_ESCAPED = CONTROL.minus(CharSet.of(SHORT_ESCAPED));

  private JsonText() {}

  /** The ways to write one of the characters. */
  static List<Alternative> spellings(CharSet characters) {
    List<Alternative> ways = new ArrayList<>();
    CharSet plain = characters.intersect(PLAIN);
    if (!plain.isEmpty()) {
      ways.add(Alternative.characters(plain));
    }
    CharSet escapes = CharSet.NONE;
    for (int i = 0; i < SHORT_ESCAPED.length(); i++) {
      if (characters.contains(SHORT_ESCAPED.charAt(i))) {
        escapes = escapes.or(CharSet.of(SHORT_ESCAPES.charAt(i)));
      }
    }
    if (!escapes.isEmpty()) {
      ways.add(Alternative.literal("\\").then(Alternative.characters(escapes)));
    }
    for (int high = 0; high <= 1; high++) {
      CharSet low = CharSet.NONE;
      for (int digit = 0; digit < 16; digit++) {
        int control = high * 16 + digit;
        if (LONG_ESCAPED.contains(control) && characters.contains(control)) {
          low = low.or(CharSet.of(Character.forDigit(digit, 16)));
        }
      }
      if (!low.isEmpty()) {
        ways.add(Alternative.literal("\\u00" + high).then(Alternative.characters(low)));
      }
    }
    return ways;
  }

  /** A string in quotes. */
  static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              int escape = SHORT_ESCAPED.indexOf(c);
              if (escape >= 0) {
                json.append('\\').append(SHORT_ESCAPES.charAt(escape));
              } else if (c < ' ') {
                json.append("\\u%04x".formatted(c));
              } else {
                json.appendCodePoint(c);
              }
            });
    return json.append('"').toString();
  }

  /** Whether a text has halves of surrogate pairs, which UTF-8 cannot hold. */
  static boolean hasLoneSurrogate(String text) {
    return text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }
}
