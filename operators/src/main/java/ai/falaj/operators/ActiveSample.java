package ai.falaj.operators;

import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenIds;

/**
 * One sample of an {@link ActiveRequest}: what its attempt has generated, and how far its chunks
 * have come. Confined to the task mailbox thread.
 */
final class ActiveSample {

  final int index;
  final ChunkCursor chunks = new ChunkCursor();
  private TokenIds.Builder tokens = new TokenIds.Builder();

  ActiveSample(int index) {
    this.index = index;
  }

  void add(TokenDelta delta) {
    tokens.addAll(delta.tokens());
  }

  int tokens() {
    return tokens.size();
  }

  /** Forgets what the last generation made. */
  void restart() {
    tokens = new TokenIds.Builder();
    chunks.restart();
  }

  SampleProgress progress() {
    TokenIds soFar = tokens.view();
    return new SampleProgress(soFar, Math.min(chunks.emittedTokens(), soFar.size()));
  }
}
