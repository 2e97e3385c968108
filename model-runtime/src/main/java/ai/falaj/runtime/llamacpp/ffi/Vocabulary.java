package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A model's tokens. Lives as long as its model. Any thread, while the model is open; the cache of
 * pieces is filled without locks, so that two threads may look one up twice.
 */
public final class Vocabulary {

  private static final int ATTRIBUTE_CONTROL = 1 << 3;
  private static final int LONGEST_COMMON_PIECE_BYTES = 64;

  private final Pointer pointer;
  private final byte[][] pieces;
  private final List<String> controlTexts;

  Vocabulary(Pointer pointer) {
    this.pointer = pointer;
    this.pieces = new byte[LlamaLibrary.llama_vocab_n_tokens(pointer)][];
    this.controlTexts = findControlTexts();
  }

  /** Number of tokens. */
  public int size() {
    return pieces.length;
  }

  /**
   * Splits text into tokens.
   *
   * @param addSpecial add the tokens that the model wants at the beginning of a text
   * @param parseSpecial read the names of control tokens in the text as those tokens
   */
  public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[utf8.length + 2];
    int count = tokenizeInto(tokens, utf8, addSpecial, parseSpecial);
    if (count < 0) {
      tokens = new int[-count];
      count = tokenizeInto(tokens, utf8, addSpecial, parseSpecial);
    }
    if (count < 0) {
      throw new IllegalStateException(
          "llama_tokenize asked for room twice: " + count + " for " + utf8.length + " bytes");
    }
    return Arrays.copyOf(tokens, count);
  }

  /**
   * The bytes that a token adds to the text; none for control tokens. Callers must not change the
   * array.
   */
  public byte[] piece(int token) {
    requireToken(token);
    byte[] piece = pieces[token];
    if (piece == null) {
      piece = renderPiece(token, false);
      pieces[token] = piece;
    }
    return piece;
  }

  /** Whether the model ends its turn with this token. */
  public boolean isEndOfGeneration(int token) {
    requireToken(token);
    return LlamaLibrary.llama_vocab_is_eog(pointer, token) != 0;
  }

  /** Whether the text holds the name of a control token, such as {@code <|im_end|>}. */
  public boolean containsControlText(String text) {
    return controlTexts.stream().anyMatch(text::contains);
  }

  Pointer pointer() {
    return pointer;
  }

  private int tokenizeInto(int[] tokens, byte[] utf8, boolean addSpecial, boolean parseSpecial) {
    return LlamaLibrary.llama_tokenize(
        pointer,
        utf8,
        utf8.length,
        tokens,
        tokens.length,
        (byte) (addSpecial ? 1 : 0),
        (byte) (parseSpecial ? 1 : 0));
  }

  private byte[] renderPiece(int token, boolean special) {
    byte[] buffer = new byte[LONGEST_COMMON_PIECE_BYTES];
    byte renderSpecial = (byte) (special ? 1 : 0);
    int length =
        LlamaLibrary.llama_token_to_piece(pointer, token, buffer, buffer.length, 0, renderSpecial);
    if (length < 0) {
      buffer = new byte[-length];
      length =
          LlamaLibrary.llama_token_to_piece(
              pointer, token, buffer, buffer.length, 0, renderSpecial);
    }
    return Arrays.copyOf(buffer, length);
  }

  private List<String> findControlTexts() {
    List<String> texts = new ArrayList<>();
    for (int token = 0; token < pieces.length; token++) {
      if ((LlamaLibrary.llama_vocab_get_attr(pointer, token) & ATTRIBUTE_CONTROL) != 0) {
        String text = new String(renderPiece(token, true), StandardCharsets.UTF_8);
        if (!text.isBlank()) {
          texts.add(text);
        }
      }
    }
    return List.copyOf(texts);
  }

  private void requireToken(int token) {
    if (token < 0 || token >= pieces.length) {
      throw new IllegalArgumentException(
          "token " + token + " is not in the vocabulary of " + pieces.length);
    }
  }
}
