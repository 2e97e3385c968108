package ai.falaj.operators;

import ai.falaj.runtime.TokenIds;
import java.util.Objects;

/**
 * What a checkpoint holds of one sample of a request. Immutable.
 *
 * @param tokens what this attempt had generated
 * @param emittedTokens how many of them had been sent in chunks
 */
public record SampleProgress(TokenIds tokens, int emittedTokens) {

  public SampleProgress {
    Objects.requireNonNull(tokens, "tokens");
    if (emittedTokens < 0 || emittedTokens > tokens.size()) {
      throw new IllegalArgumentException(
          "emittedTokens is %d of %d".formatted(emittedTokens, tokens.size()));
    }
  }
}
