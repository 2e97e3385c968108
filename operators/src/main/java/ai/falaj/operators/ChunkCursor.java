package ai.falaj.operators;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.ArrayList;
import java.util.List;

/**
 * How far the chunks of one sample have come, and the text that is not in one yet. Confined to the
 * task mailbox thread.
 */
final class ChunkCursor {

  /** Text of one channel. */
  record Piece(Channel channel, StringBuilder text) {}

  private final List<Piece> pieces = new ArrayList<>();
  private int sequence;
  private int emittedTokens;
  private int pendingTokens;

  void append(TokenDelta delta) {
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

  void tokensEmitted(int count) {
    emittedTokens += count;
    pendingTokens -= count;
  }

  void restart() {
    pieces.clear();
    sequence = 0;
    emittedTokens = 0;
    pendingTokens = 0;
  }
}
