package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A vocabulary's tokens, sorted for grammars by the first byte of what they write. Built once per
 * model, which asks for every piece; then immutable, any thread.
 *
 * <p>Left out are tokens that a grammar judges by other text than they write: control tokens, which
 * it sees under their names though they write nothing, and pieces with a NUL, which it sees up to
 * there.
 */
final class TokenPieces {

  private static final int BYTE_VALUES = 256;

  private final Vocabulary vocabulary;
  private final List<List<Integer>> byFirstByte = new ArrayList<>();
  private final int[] ofOneByte = new int[BYTE_VALUES];
  private final BitSet endOfGeneration;
  private final BitSet writing;
  private final BitSet quoting;
  private final BitSet startingCharacters;

  TokenPieces(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    int size = vocabulary.size();
    endOfGeneration = new BitSet(size);
    writing = new BitSet(size);
    quoting = new BitSet(size);
    startingCharacters = new BitSet(size);
    for (int octet = 0; octet < BYTE_VALUES; octet++) {
      byFirstByte.add(new ArrayList<>());
      ofOneByte[octet] = NONE;
    }
    for (int token = 0; token < size; token++) {
      if (vocabulary.isEndOfGeneration(token)) {
        endOfGeneration.set(token);
      } else {
        sort(token, vocabulary.piece(token));
      }
    }
  }

  /** Instead of a token. */
  static final int NONE = -1;

  int size() {
    return vocabulary.size();
  }

  byte[] piece(int token) {
    return vocabulary.piece(token);
  }

  /** Whether the token ends a generation. */
  boolean isEndOfGeneration(int token) {
    return endOfGeneration.get(token);
  }

  BitSet endOfGeneration() {
    return (BitSet) endOfGeneration.clone();
  }

  /** Whether a grammar sees what the token writes. */
  boolean isWriting(int token) {
    return writing.get(token);
  }

  /** Whether the token has a quotation mark. */
  boolean isQuoting(int token) {
    return quoting.get(token);
  }

  /** Whether the text is UTF-8 if the token comes between two characters. */
  boolean isStartingCharacters(int token) {
    return startingCharacters.get(token);
  }

  /** Writing tokens whose first byte it is. */
  List<Integer> startingWith(int octet) {
    return byFirstByte.get(octet);
  }

  /** The token that writes just this byte, or {@link #NONE}. */
  int ofOneByte(int octet) {
    return ofOneByte[octet];
  }

  private void sort(int token, byte[] piece) {
    boolean sees = piece.length > 0;
    for (byte octet : piece) {
      sees &= octet != 0;
      if (octet == '"') {
        quoting.set(token);
      }
    }
    if (!sees) {
      return;
    }
    writing.set(token);
    int first = piece[0] & 0xff;
    byFirstByte.get(first).add(token);
    if (piece.length == 1) {
      ofOneByte[first] = token;
    }
    if (Utf8Position.after(Utf8Position.BOUNDARY, piece) != Utf8Position.INVALID) {
      startingCharacters.set(token);
    }
  }
}
