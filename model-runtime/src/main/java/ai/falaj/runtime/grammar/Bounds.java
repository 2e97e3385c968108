package ai.falaj.runtime.grammar;

/**
 * What a format may ask for at most. They keep a grammar small enough to be parsed and followed
 * within milliseconds; what is beyond them is refused, never cut. Documented in
 * docs/STRUCTURED-OUTPUT.md.
 */
final class Bounds {

  /** Length of a schema's text, in chars. */
  static final int SCHEMA_CHARS = 256 * 1024;

  /** Nesting of a schema's text. */
  static final int SCHEMA_DEPTH = 100;

  /** Alternatives of one value, once anyOf, oneOf and allOf are multiplied out. */
  static final int ALTERNATIVES = 256;

  /** Schemas that may be combined while anyOf, oneOf, allOf and $ref are multiplied out. */
  static final int COMBINATIONS = 50_000;

  /** Length of a chain of $ref, allOf, anyOf and oneOf that reaches no keyword of a value. */
  static final int REFERENCE_CHAIN = 100;

  /** Digits of a number, before and after the point together. A double tells them all apart. */
  static final int NUMBER_DIGITS = 15;

  /** Digits of an integer whose bounds ask for more than {@link #NUMBER_DIGITS}. */
  static final int INTEGER_DIGITS = 18;

  /** minLength and maxLength, in code points. */
  static final int STRING_LENGTH = 100_000;

  /** minItems, maxItems, minProperties, maxProperties and the number of prefixItems. */
  static final int ITEMS = 2_000;

  /** Length of a regular expression, in chars. */
  static final int PATTERN_CHARS = 4_096;

  /** Nesting of groups in a regular expression. */
  static final int PATTERN_DEPTH = 100;

  /** Upper number of a quantifier. */
  static final int PATTERN_REPEATS = 2_000;

  /** States of the automaton of a regular expression, before it is made deterministic. */
  static final int PATTERN_NODES = 50_000;

  /** States of a deterministic automaton: of a pattern, together with the lengths it must have. */
  static final int AUTOMATON_STATES = 20_000;

  /** Ranges of characters on all edges of a deterministic automaton. */
  static final int AUTOMATON_EDGES = 100_000;

  /** Length of the whole grammar, in chars. */
  static final int GRAMMAR_CHARS = 4 * 1024 * 1024;

  /** Length of all choices together, in chars. */
  static final int CHOICE_CHARS = 16 * 1024;

  /** Levels of arrays and objects below a value that may be any JSON. */
  static final int ANY_JSON_DEPTH = 16;

  /**
   * llama.cpp's own bound of a repetition ({@code MAX_REPETITION_THRESHOLD} in llama-grammar.cpp).
   * An upper bound above it is silently taken for none, so none is ever written.
   */
  static final int GBNF_REPEATS = 2_000;

  private Bounds() {}
}
