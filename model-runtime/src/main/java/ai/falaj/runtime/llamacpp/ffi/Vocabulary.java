package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * A model's tokens. Lives as long as its model. Any thread, while the model is open; the cache of
 * pieces is filled without locks, so that two threads may look one up twice.
 */
public final class Vocabulary implements TokenTable {

  private static final int ATTRIBUTE_CONTROL = 1 << 3;
  private static final int LONGEST_COMMON_PIECE_BYTES = 64;

  /**
   * Control tokens that are part of the text all the same: some vocabularies list the tags of
   * reasoning among them, others as ordinary tokens.
   */
  private static final Set<String> TEXT_TAGS =
      Set.of("<think>", "</think>", "<answer>", "</answer>");

  private final Pointer pointer;
  private final byte[][] pieces;
  private final BitSet controls = new BitSet();
  private final BitSet endsOfGeneration = new BitSet();
  private final List<String> controlTexts;

  Vocabulary(Pointer pointer) {
    this.pointer = pointer;
    this.pieces = new byte[LlamaLibrary.llama_vocab_n_tokens(pointer)][];
    this.controlTexts = findControlTokens();
  }

  @Override
  public int size() {
    return pieces.length;
  }

  @Override
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

  @Override
  public byte[] piece(int token) {
    requireToken(token);
    byte[] piece = pieces[token];
    if (piece == null) {
      piece = renderPiece(token, false);
      pieces[token] = piece;
    }
    return piece;
  }

  @Override
  public String text(int token) {
    byte[] bytes = controls.get(token) ? renderPiece(token, true) : piece(token);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean isEndOfGeneration(int token) {
    requireToken(token);
    return endsOfGeneration.get(token);
  }

  @Override
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

  private List<String> findControlTokens() {
    List<String> texts = new ArrayList<>();
    for (int token = 0; token < pieces.length; token++) {
      endsOfGeneration.set(token, LlamaLibrary.llama_vocab_is_eog(pointer, token) != 0);
      if ((LlamaLibrary.llama_vocab_get_attr(pointer, token) & ATTRIBUTE_CONTROL) != 0) {
        controls.set(token);
        byte[] name = renderPiece(token, true);
        String text = new String(name, StandardCharsets.UTF_8);
        if (!text.isBlank()) {
          texts.add(text);
        }
        if (TEXT_TAGS.contains(text)) {
          pieces[token] = name;
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
