package ai.falaj.runtime.grammar;

import ai.falaj.runtime.grammar.Regex.OneOf;
import ai.falaj.runtime.grammar.Regex.Repeat;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a regular expression in the syntax of ECMA-262 with its {@code u} flag, of which
 * look-around, back-references, named groups, word boundaries and Unicode properties are refused.
 * Lazy quantifiers mean the same as greedy ones: a text matches as a whole or not at all. Confined
 * to one call.
 */
final class RegexParser {

  private static final CharSet DIGITS = CharSet.range('0', '9');
  private static final CharSet WORD =
      CharSet.union(CharSet.range('a', 'z'), CharSet.range('A', 'Z'), DIGITS, CharSet.of('_'));
  private static final CharSet LINE_ENDS = CharSet.of("\n\r\u2028\u2029");
  private static final CharSet SPACE =
      CharSet.union(
          CharSet.of("\t\u000b\f \u00a0\u1680\u202f\u205f\u3000\ufeff"),
          CharSet.range(0x2000, 0x200a),
          LINE_ENDS);
  private static final String SYNTAX = "^$\\.*+?()[]{}|/";

  private final int[] pattern;
  private int position;
  private int depth;

  private RegexParser(String pattern) {
    this.pattern = pattern.codePoints().toArray();
  }

  /**
   * @throws UnsupportedFormatException whose path is {@code position N}, in code points from 0
   */
  static Regex parse(String pattern) throws UnsupportedFormatException {
    if (pattern.length() > Bounds.PATTERN_CHARS) {
      throw UnsupportedFormatException.unsupported(
          "position " + Bounds.PATTERN_CHARS,
          "the pattern has %d characters; at most %d are supported"
              .formatted(pattern.length(), Bounds.PATTERN_CHARS));
    }
    RegexParser parser = new RegexParser(pattern);
    Regex regex = parser.alternatives();
    if (parser.position < parser.pattern.length) {
      throw parser.malformed("a ) without a (");
    }
    return regex;
  }

  private Regex alternatives() throws UnsupportedFormatException {
    List<Regex> parts = new ArrayList<>();
    do {
      parts.add(sequence());
    } while (maybeTake('|'));
    return parts.size() == 1 ? parts.get(0) : new Regex.Alternatives(parts);
  }

  private Regex sequence() throws UnsupportedFormatException {
    List<Regex> parts = new ArrayList<>();
    while (!atEnd() && peek() != '|' && peek() != ')') {
      parts.add(term());
    }
    return parts.size() == 1 ? parts.get(0) : new Regex.Sequence(parts);
  }

  private Regex term() throws UnsupportedFormatException {
    if (maybeTake('^')) {
      return notRepeated(new Regex.AtBeginning());
    }
    if (maybeTake('$')) {
      return notRepeated(new Regex.AtEnd());
    }
    return quantified(atom());
  }

  private Regex notRepeated(Regex anchor) throws UnsupportedFormatException {
    if (!atEnd() && "*+?{".indexOf(peek()) >= 0) {
      throw malformed("an anchor cannot be repeated");
    }
    return anchor;
  }

  private Regex atom() throws UnsupportedFormatException {
    int c = peek();
    switch (c) {
      case '(':
        return group();
      case '[':
        return new OneOf(characterClass());
      case '.':
        position++;
        return new OneOf(LINE_ENDS.complement());
      case '\\':
        return new OneOf(escape(false));
      case '*', '+', '?', '{':
        throw malformed("nothing stands before the quantifier");
      case ']', '}':
        throw malformed("a " + Character.toString(c) + " that nothing opened; escape it");
      default:
        return new OneOf(character());
    }
  }

  private Regex group() throws UnsupportedFormatException {
    int start = position;
    if (++depth > Bounds.PATTERN_DEPTH) {
      throw unsupported("groups are nested deeper than " + Bounds.PATTERN_DEPTH);
    }
    position++;
    if (maybeTake('?') && !maybeTake(':')) {
      String kind = atEnd() ? "" : Character.toString(peek());
      switch (kind) {
        case "=", "!":
          throw unsupported("look-ahead is not supported");
        case "<":
          throw unsupported("look-behind and named groups are not supported");
        default:
          throw malformed("no group begins with (?" + kind);
      }
    }
    Regex inner = alternatives();
    if (!maybeTake(')')) {
      position = start;
      throw malformed("a ( without a )");
    }
    depth--;
    return inner;
  }

  private Regex quantified(Regex part) throws UnsupportedFormatException {
    if (atEnd()) {
      return part;
    }
    int start = position;
    int min;
    int max;
    if (maybeTake('*')) {
      min = 0;
      max = Repeat.UNBOUNDED;
    } else if (maybeTake('+')) {
      min = 1;
      max = Repeat.UNBOUNDED;
    } else if (maybeTake('?')) {
      min = 0;
      max = 1;
    } else if (maybeTake('{')) {
      min = count();
      max = min;
      if (maybeTake(',')) {
        max = !atEnd() && peek() == '}' ? Repeat.UNBOUNDED : count();
      }
      if (!maybeTake('}')) {
        throw malformed("a quantifier is {n}, {n,} or {n,m}; escape a { that is none");
      }
      if (min > max) {
        position = start;
        throw malformed("the quantifier wants at least %d and at most %d".formatted(min, max));
      }
    } else {
      return part;
    }
    maybeTake('?');
    if (!atEnd() && "*+?{".indexOf(peek()) >= 0) {
      throw malformed("a quantifier cannot be repeated");
    }
    return new Repeat(part, min, max);
  }

  private int count() throws UnsupportedFormatException {
    int start = position;
    long value = 0;
    while (!atEnd() && DIGITS.contains(peek())) {
      value = Math.min(value * 10 + pattern[position] - '0', Integer.MAX_VALUE);
      position++;
    }
    if (position == start) {
      throw malformed("a quantifier is {n}, {n,} or {n,m}; escape a { that is none");
    }
    if (value > Bounds.PATTERN_REPEATS) {
      position = start;
      throw unsupported(
          "a quantifier of %d; at most %d is supported".formatted(value, Bounds.PATTERN_REPEATS));
    }
    return (int) value;
  }

  private CharSet characterClass() throws UnsupportedFormatException {
    int start = position++;
    boolean negated = maybeTake('^');
    List<CharSet> parts = new ArrayList<>();
    while (!atEnd() && peek() != ']') {
      int from = position;
      CharSet first = classAtom();
      boolean range =
          position + 1 < pattern.length && peek() == '-' && pattern[position + 1] != ']';
      if (!range) {
        parts.add(first);
        continue;
      }
      position++;
      CharSet last = classAtom();
      int low = onlyCharacter(first, from);
      int high = onlyCharacter(last, from);
      if (low > high) {
        position = from;
        throw malformed("a range of characters that runs backwards");
      }
      parts.add(CharSet.range(low, high));
    }
    if (!maybeTake(']')) {
      position = start;
      throw malformed("a [ without a ]");
    }
    CharSet all = CharSet.union(parts.toArray(CharSet[]::new));
    return negated ? all.complement() : all;
  }

  private int onlyCharacter(CharSet set, int from) throws UnsupportedFormatException {
    boolean one =
        set.ranges().size() == 1 && set.ranges().get(0).first() == set.ranges().get(0).last();
    if (!one) {
      position = from;
      throw malformed("a range of characters must begin and end with a character");
    }
    return set.ranges().get(0).first();
  }

  private CharSet classAtom() throws UnsupportedFormatException {
    if (atEnd()) {
      throw malformed("a [ without a ]");
    }
    return peek() == '\\' ? escape(true) : character();
  }

  private CharSet character() throws UnsupportedFormatException {
    return readable(pattern[position++]);
  }

  private CharSet readable(int codePoint) throws UnsupportedFormatException {
    CharSet set = CharSet.range(codePoint, codePoint);
    if (set.isEmpty()) {
      throw unsupported("NUL and lone surrogates are not supported");
    }
    return set;
  }

  private CharSet escape(boolean inClass) throws UnsupportedFormatException {
    position++;
    if (atEnd()) {
      throw malformed("the pattern ends within an escape");
    }
    int c = pattern[position++];
    switch (c) {
      case 'd':
        return DIGITS;
      case 'D':
        return DIGITS.complement();
      case 'w':
        return WORD;
      case 'W':
        return WORD.complement();
      case 's':
        return SPACE;
      case 'S':
        return SPACE.complement();
      case 't':
        return CharSet.of('\t');
      case 'n':
        return CharSet.of('\n');
      case 'r':
        return CharSet.of('\r');
      case 'f':
        return CharSet.of('\f');
      case 'v':
        return CharSet.of(0x0b);
      case 'x':
        return readable(hex(2));
      case 'u':
        return readable(unicode());
      case 'c':
        return control();
      case 'b', 'B':
        if (inClass && c == 'b') {
          return CharSet.of('\b');
        }
        throw refusedEscape("word boundaries are not supported");
      case 'p', 'P':
        throw refusedEscape("Unicode properties are not supported");
      case 'k':
        throw refusedEscape("back-references are not supported");
      case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
        throw refusedEscape(
            c == '0' ? "NUL is not supported" : "back-references are not supported");
      default:
        if (SYNTAX.indexOf(c) >= 0 || c == '-' || isAsciiPunctuation(c)) {
          return CharSet.of(c);
        }
        position -= 2;
        throw malformed("no escape is \\" + Character.toString(c));
    }
  }

  /** Looser than the {@code u} flag, which knows no other escapes: patterns often have them. */
  private static boolean isAsciiPunctuation(int c) {
    return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
  }

  private UnsupportedFormatException refusedEscape(String problem) {
    position -= 2;
    return unsupported(problem);
  }

  private CharSet control() throws UnsupportedFormatException {
    if (atEnd()
        || !CharSet.union(CharSet.range('a', 'z'), CharSet.range('A', 'Z')).contains(peek())) {
      throw malformed("\\c needs a letter");
    }
    return CharSet.of(pattern[position++] % 32);
  }

  private int unicode() throws UnsupportedFormatException {
    if (maybeTake('{')) {
      int value = 0;
      int start = position;
      while (!atEnd() && Character.digit(peek(), 16) >= 0 && value <= Character.MAX_CODE_POINT) {
        value = value * 16 + Character.digit(pattern[position++], 16);
      }
      if (position == start || value > Character.MAX_CODE_POINT || !maybeTake('}')) {
        throw malformed("\\u{...} needs a code point in hexadecimal digits");
      }
      return value;
    }
    int unit = hex(4);
    boolean pairFollows =
        Character.isHighSurrogate((char) unit)
            && position + 1 < pattern.length
            && pattern[position] == '\\'
            && pattern[position + 1] == 'u';
    if (!pairFollows) {
      return unit;
    }
    position += 2;
    int low = hex(4);
    if (!Character.isLowSurrogate((char) low)) {
      throw unsupported("NUL and lone surrogates are not supported");
    }
    return Character.toCodePoint((char) unit, (char) low);
  }

  private int hex(int digits) throws UnsupportedFormatException {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = atEnd() || peek() > 'f' ? -1 : Character.digit(peek(), 16);
      if (digit < 0) {
        throw malformed("an escape needs %d hexadecimal digits".formatted(digits));
      }
      value = value * 16 + digit;
      position++;
    }
    return value;
  }

  private boolean atEnd() {
    return position == pattern.length;
  }

  private int peek() {
    return pattern[position];
  }

  private boolean maybeTake(int codePoint) {
    if (!atEnd() && peek() == codePoint) {
      position++;
      return true;
    }
    return false;
  }

  private UnsupportedFormatException malformed(String problem) {
    return UnsupportedFormatException.malformed("position " + position, problem);
  }

  private UnsupportedFormatException unsupported(String problem) {
    return UnsupportedFormatException.unsupported("position " + position, problem);
  }
}
