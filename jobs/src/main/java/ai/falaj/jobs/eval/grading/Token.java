package ai.falaj.jobs.eval.grading;

/**
 * A piece of a normalized answer.
 *
 * @param text of a number its digits, of a function or constant its name, of a word the word
 * @param afterSpace whether white space comes before it
 */
record Token(Type type, String text, boolean afterSpace) {

  enum Type {
    NUMBER,
    /** A single letter, a Greek letter, with its subscript if it has one. */
    VARIABLE,
    /** {@code pi}, {@code e}, {@code i}, {@code infty}. */
    CONSTANT,
    /** {@code sin}, {@code log} ... with one argument. */
    FUNCTION,
    FRAC,
    BINOM,
    SQRT,
    /** Text that is no mathematics: a unit, a name, a sentence. */
    WORD,
    /** {@code + - * / ^ ! % _}. */
    OPERATOR,
    /** {@code < > <= >=}. */
    RELATION,
    EQUALS,
    COMMA,
    SEMICOLON,
    /** {@code ( [ \{}. */
    OPEN,
    CLOSE,
    /** An argument's brace. */
    OPEN_BRACE,
    CLOSE_BRACE,
    BAR,
    DEGREE,
    PLUS_MINUS,
    UNION,
    ELEMENT_OF,
    BEGIN_MATRIX,
    END_MATRIX,
    NEXT_CELL,
    NEXT_ROW,
    /** Nothing of the above: what holds one is no mathematics. */
    UNKNOWN
  }

  boolean is(Type wanted) {
    return type == wanted;
  }

  boolean is(Type wanted, String wantedText) {
    return type == wanted && text.equals(wantedText);
  }

  boolean isOperator(String operator) {
    return is(Type.OPERATOR, operator);
  }
}
