package ai.falaj.runtime.grammar;

/**
 * A regular expression of JSON Schema's {@code pattern}, with exactly the meaning that {@link
 * OutputGrammar} gives it: for whoever judges an answer that no grammar held. {@code
 * java.util.regex} differs from ECMA-262 in classes, line ends and white space. Immutable.
 */
public final class TextPattern {

  private final Automaton anywhere;

  private TextPattern(Automaton anywhere) {
    this.anywhere = anywhere;
  }

  /**
   * @throws UnsupportedFormatException with the position in the pattern
   */
  public static TextPattern compile(String pattern) throws UnsupportedFormatException {
    Regex regex = Regex.somewhere(RegexParser.parse(pattern));
    return new TextPattern(Automaton.of(regex, "position 0"));
  }

  /** Whether it matches somewhere in the text. */
  public boolean matches(String text) {
    return anywhere.accepts(text);
  }
}
