package ai.falaj.runtime.llamacpp.ffi;

/**
 * What can be asked of a model's tokens without computing anything. Apart from {@link Vocabulary}
 * so that what is built on it can be tested with a vocabulary made by hand.
 */
public interface TokenTable {

  /** Number of tokens. */
  int size();

  /**
   * Splits text into tokens.
   *
   * @param addSpecial add the tokens that the model wants at the beginning of a text
   * @param parseSpecial read the names of control tokens in the text as those tokens
   */
  int[] tokenize(String text, boolean addSpecial, boolean parseSpecial);

  /**
   * The bytes that a token adds to the text; none for control tokens. Callers must not change the
   * array.
   */
  byte[] piece(int token);

  /**
   * A token as a person reads it: its piece as text, an unfinished code point as U+FFFD, a control
   * token by its name.
   */
  String text(int token);

  /** Whether the model ends its turn with this token. */
  boolean isEndOfGeneration(int token);

  /** Whether the text holds the name of a control token, such as {@code <|im_end|>}. */
  boolean containsControlText(String text);
}
