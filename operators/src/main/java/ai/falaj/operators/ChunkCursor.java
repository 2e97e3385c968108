package ai.falaj.operators;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;

/**
 * How far the chunks of one sample have come, and the text that is not in one yet. Confined to the
 * task mailbox thread.
 *
 * <p>A generation that resumes tells the text of the tokens that it was given once more. What was
 * sent of it is passed over: its chunks go on where those of the attempt before ended.
 */
final class ChunkCursor {

  /** Text of one channel. */
  record Piece(Channel channel, StringBuilder text) {}

  private final List<Piece> pieces = new ArrayList<>();
  private int sequence;
  private int emittedTokens;
  private int pendingTokens;

  /** Whose last chunk the first one of this attempt comes after; 0: it begins anew. */
  private int followsAttempt;

  private int lastChunkAttempt;

  /** Tokens that are told again and were sent before. */
  private int tokensToPassOver;

  /**
   * Takes what the generation told.
   *
   * @throws IllegalStateException when it told tokens again in another partition than one by one
   */
  void append(TokenDelta delta) {
    if (tokensToPassOver > 0) {
      passOver(delta);
      return;
    }
    pendingTokens += delta.tokens().size();
    for (TextSegment segment : delta.text()) {
      Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
      if (last != null && last.channel() == segment.channel()) {
        last.text().append(segment.text());
      } else {
        pieces.add(new Piece(segment.channel(), new StringBuilder(segment.text())));
      }
    }
  }

  private void passOver(TokenDelta delta) {
    int tokens = delta.tokens().size();
    if (tokens > tokensToPassOver) {
      throw new IllegalStateException(
          "%d tokens were told at once, where %d are left to be told again"
              .formatted(tokens, tokensToPassOver));
    }
    tokensToPassOver -= tokens;
  }

  boolean hasText() {
    return !pieces.isEmpty();
  }

  /** The text since the last call, in order, one piece where the channel does not change. */
  List<Piece> takePieces() {
    List<Piece> taken = List.copyOf(pieces);
    pieces.clear();
    return taken;
  }

  int nextSequence() {
    return sequence++;
  }

  /** Tokens before the next chunk. */
  int emittedTokens() {
    return emittedTokens;
  }

  int pendingTokens() {
    return pendingTokens;
  }

  /** Which attempt's chunks those of this one go on from; 0: they begin anew. */
  int followsAttempt() {
    return followsAttempt;
  }

  /** Which attempt sent the last chunk that counts; 0: none did. */
  int lastChunkAttempt() {
    return lastChunkAttempt;
  }

  /** A chunk with so many tokens was sent. */
  void emitted(int tokens, int attempt) {
    emittedTokens += tokens;
    pendingTokens -= tokens;
    lastChunkAttempt = attempt;
  }

  /**
   * A new attempt begins, whose chunks go on after so many tokens.
   *
   * @param attemptOfThose which sent the last chunk of them
   */
  void restart(int afterTokens, int attemptOfThose) {
    followsAttempt = attemptOfThose;
    lastChunkAttempt = attemptOfThose;
    pieces.clear();
    sequence = 0;
    emittedTokens = afterTokens;
    pendingTokens = 0;
    tokensToPassOver = afterTokens;
  }
}
