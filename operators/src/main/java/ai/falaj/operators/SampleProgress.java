package ai.falaj.operators;

import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import java.util.List;
import java.util.Objects;

/**
 * What a checkpoint holds of one sample of a request. Immutable.
 *
 * @param tokens what it had generated
 * @param emittedTokens how many of them had been sent in chunks
 * @param logprobs one per token where the request asked for them, else empty
 * @param told the text of the tokens, of an engine that does not show them; else empty
 * @param lastChunkAttempt which attempt sent the last of the chunks; 0: none, or it is not known
 */
public record SampleProgress(
    TokenIds tokens,
    int emittedTokens,
    List<TokenLogprob> logprobs,
    List<Resumption.Told> told,
    int lastChunkAttempt) {

  public static final SampleProgress NOTHING = new SampleProgress(TokenIds.empty(), 0, List.of());

  public SampleProgress {
    Objects.requireNonNull(tokens, "tokens");
    logprobs = List.copyOf(logprobs);
    told = List.copyOf(told);
    if (emittedTokens < 0 || emittedTokens > tokens.size()) {
      throw new IllegalArgumentException(
          "emittedTokens is %d of %d".formatted(emittedTokens, tokens.size()));
    }
    if (!logprobs.isEmpty() && logprobs.size() != tokens.size()) {
      throw new IllegalArgumentException(
          "%d logprobs of %d tokens".formatted(logprobs.size(), tokens.size()));
    }
  }

  /** Of an engine that shows its tokens. */
  public SampleProgress(TokenIds tokens, int emittedTokens, List<TokenLogprob> logprobs) {
    this(tokens, emittedTokens, logprobs, List.of(), 0);
  }
}
