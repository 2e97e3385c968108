package ai.falaj.operators;

import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenDelta;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import java.util.ArrayList;
import java.util.List;

/**
 * One sample of an {@link ActiveRequest}: what it has generated, and how far its chunks have come.
 * Confined to the task mailbox thread.
 *
 * <p>A generation that resumes is given the tokens that the one before made, and tells them again
 * before it tells new ones. Until it has told as many, the given ones are what the sample has.
 */
final class ActiveSample {

  final int index;
  final ChunkCursor chunks = new ChunkCursor();
  private SampleProgress given = SampleProgress.NOTHING;
  private TokenIds.Builder tokens = new TokenIds.Builder();
  private List<TokenLogprob> logprobs = new ArrayList<>();
  private final ToldText text = new ToldText();

  ActiveSample(int index) {
    this.index = index;
  }

  /**
   * Takes what the generation told.
   *
   * @return how many of its tokens are new, and not told a second time
   */
  int add(TokenDelta delta) {
    int before = tokens();
    tokens.addAll(delta.tokens());
    logprobs.addAll(delta.logprobs());
    text.add(delta, chunks.emittedTokens());
    return tokens() - before;
  }

  int tokens() {
    return Math.max(given.tokens().size(), tokens.size());
  }

  /** Of its tokens, those that this generation was given and did not make. */
  int givenTokens() {
    return given.tokens().size();
  }

  /** The next generation begins without any tokens. */
  void startOver() {
    resume(SampleProgress.NOTHING);
  }

  /** The next generation goes on from what a checkpoint held. */
  void resume(SampleProgress from) {
    given = from;
    tokens = new TokenIds.Builder();
    logprobs = new ArrayList<>();
    text.clear();
    chunks.restart(from.emittedTokens(), from.lastChunkAttempt());
  }

  /** What the next generation is given. */
  Resumption.Sample resumption() {
    return new Resumption.Sample(given.tokens(), given.logprobs(), given.told());
  }

  SampleProgress progress() {
    if (tokens.size() < given.tokens().size()) {
      return given;
    }
    return new SampleProgress(
        tokens.view(), chunks.emittedTokens(), logprobs, text.told(), chunks.lastChunkAttempt());
  }
}
