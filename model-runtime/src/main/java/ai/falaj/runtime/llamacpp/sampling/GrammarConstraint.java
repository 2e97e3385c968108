package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.grammar.Grammar;
import ai.falaj.runtime.llamacpp.ffi.GrammarSampler;
import ai.falaj.runtime.llamacpp.ffi.TokenCandidates;
import java.util.BitSet;
import java.util.Optional;

/**
 * Holds one answer to a grammar. Confined to the thread that decodes.
 *
 * <p>llama.cpp's grammar decides about characters. What it lets pass is added here: bytes must be
 * UTF-8, an answer must not end within a character, an object must not get a key twice, and nothing
 * comes after the token that ends the answer.
 */
public final class GrammarConstraint implements TokenConstraint {

  private static final int BYTE_VALUES = 256;

  private final TokenPieces pieces;
  private final TokenCandidates candidates;
  private final GrammarSampler sampler;
  private int utf8 = Utf8Position.BOUNDARY;
  private Optional<JsonKeys> keys;
  private boolean ended;

  /**
   * @param candidates room for the whole vocabulary; used during calls only
   */
  GrammarConstraint(
      Grammar grammar, TokenPieces pieces, TokenCandidates candidates, GrammarSampler sampler) {
    this.pieces = pieces;
    this.candidates = candidates;
    this.sampler = sampler;
    this.keys = grammar.distinctKeys() ? Optional.of(JsonKeys.START) : Optional.empty();
  }

  @Override
  public boolean allows(int token) {
    if (token < 0 || token >= pieces.size()) {
      throw new IllegalArgumentException(
          "token " + token + " is not in the vocabulary of " + pieces.size());
    }
    if (ended) {
      return false;
    }
    boolean fits =
        pieces.isEndOfGeneration(token)
            ? utf8 == Utf8Position.BOUNDARY
            : pieces.isWriting(token) && isUtf8(token) && hasNewKeys(token);
    return fits && sampler.allows(token);
  }

  /**
   * Asks llama.cpp about tokens of one byte first, then about those longer ones that begin like an
   * allowed one: mostly a few of many. Tokens whose logit is negative infinity already are not
   * asked about. If no token is left the vocabulary cannot write what the grammar wants, or other
   * settings forbid it.
   */
  @Override
  public void mask(float[] logits) {
    if (logits.length != pieces.size()) {
      throw new IllegalArgumentException(
          "%d logits for a vocabulary of %d".formatted(logits.length, pieces.size()));
    }
    boolean[] first = allowedFirstBytes();
    candidates.clear();
    for (int octet = 0; octet < BYTE_VALUES; octet++) {
      if (first[octet]) {
        for (int token : pieces.startingWith(octet)) {
          if (logits[token] != Float.NEGATIVE_INFINITY && isUtf8(token)) {
            candidates.add(token);
          }
        }
      }
    }
    if (!ended && utf8 == Utf8Position.BOUNDARY) {
      pieces.endOfGeneration().stream().forEach(candidates::add);
    }
    keepOnlyAllowed(logits);
  }

  @Override
  public void accept(int token) {
    if (!allows(token)) {
      throw new IllegalStateException("the grammar does not allow token " + token + " here");
    }
    sampler.accept(token);
    if (pieces.isEndOfGeneration(token)) {
      ended = true;
      return;
    }
    byte[] piece = pieces.piece(token);
    utf8 = Utf8Position.after(utf8, piece);
    keys = keys.map(before -> before.after(piece).orElseThrow());
  }

  @Override
  public void close() {
    sampler.close();
  }

  private boolean[] allowedFirstBytes() {
    boolean[] allowed = new boolean[BYTE_VALUES];
    if (ended) {
      return allowed;
    }
    candidates.clear();
    for (int octet = 0; octet < BYTE_VALUES; octet++) {
      if (Utf8Position.after(utf8, octet) != Utf8Position.INVALID) {
        int alone = pieces.ofOneByte(octet);
        if (alone == TokenPieces.NONE) {
          allowed[octet] = true;
        } else {
          candidates.add(alone);
        }
      }
    }
    sampler.apply(candidates);
    candidates.read();
    for (int i = 0; i < candidates.size(); i++) {
      if (candidates.isAllowed(i)) {
        allowed[pieces.piece(candidates.token(i))[0] & 0xff] = true;
      }
    }
    return allowed;
  }

  private void keepOnlyAllowed(float[] logits) {
    sampler.apply(candidates);
    candidates.read();
    BitSet allowed = new BitSet(logits.length);
    for (int i = 0; i < candidates.size(); i++) {
      int token = candidates.token(i);
      if (candidates.isAllowed(i) && hasNewKeys(token)) {
        allowed.set(token);
      }
    }
    for (int token = 0; token < logits.length; token++) {
      if (!allowed.get(token)) {
        logits[token] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private boolean isUtf8(int token) {
    return utf8 == Utf8Position.BOUNDARY
        ? pieces.isStartingCharacters(token)
        : Utf8Position.after(utf8, pieces.piece(token)) != Utf8Position.INVALID;
  }

  private boolean hasNewKeys(int token) {
    return keys.isEmpty()
        || !pieces.isQuoting(token)
        || keys.get().after(pieces.piece(token)).isPresent();
  }
}
