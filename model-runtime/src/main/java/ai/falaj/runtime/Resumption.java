package ai.falaj.runtime;

import ai.falaj.runtime.TokenDelta.TextSegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a generation had made when it was interrupted; the next one goes on from there. The tokens
 * are given, not computed again: they are prefilled together with the prompt.
 *
 * @param modelSha256 of the model that made the tokens, as {@link RuntimeInfo#modelSha256()} names
 *     it; another model refuses them with {@link RuntimeErrorCode#CANNOT_RESUME}. Absent: not
 *     known, and not checked
 * @param samples one per sample of the request, in order of their index; one that had made nothing
 *     yet is there without tokens
 */
public record Resumption(Optional<String> modelSha256, List<Sample> samples) {

  public Resumption {
    Objects.requireNonNull(modelSha256, "modelSha256");
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("a resumption has one sample or more");
    }
  }

  /** Tokens of all samples together. */
  public int tokens() {
    return samples.stream().mapToInt(sample -> sample.tokens().size()).sum();
  }

  /**
   * What one sample had made.
   *
   * @param tokens in order, as {@link TokenDelta#tokens()} told them
   * @param logprobs one per token where the request asks for them, else empty. A request that asks
   *     cannot be resumed without
   * @param told of an engine that does not show its tokens: their text, which is all that it can go
   *     on from. Empty of others
   */
  public record Sample(TokenIds tokens, List<TokenLogprob> logprobs, List<Told> told) {

    public Sample {
      Objects.requireNonNull(tokens, "tokens");
      logprobs = List.copyOf(logprobs);
      told = List.copyOf(told);
      int toldTokens = told.stream().mapToInt(Told::tokens).sum();
      if (!told.isEmpty() && toldTokens != tokens.size()) {
        throw new IllegalArgumentException(
            "text was told of %d tokens and there are %d".formatted(toldTokens, tokens.size()));
      }
      if (!logprobs.isEmpty() && logprobs.size() != tokens.size()) {
        throw new IllegalArgumentException(
            "%d logprobs for %d tokens; give one per token, or none"
                .formatted(logprobs.size(), tokens.size()));
      }
    }

    /** Of an engine that shows its tokens. */
    public Sample(TokenIds tokens, List<TokenLogprob> logprobs) {
      this(tokens, logprobs, List.of());
    }

    /** A sample that had made these, without logprobs. */
    public static Sample of(int... tokens) {
      return new Sample(TokenIds.of(tokens), List.of());
    }
  }

  /**
   * Tokens that were told without saying which, and what was told of them. An engine that goes on
   * from them tells each of these again as one delta.
   *
   * @param tokens how many
   * @param text in order; empty where they had none
   */
  public record Told(int tokens, List<TextSegment> text) {

    public Told {
      text = List.copyOf(text);
      if (tokens < 0) {
        throw new IllegalArgumentException(tokens + " tokens were told; there are 0 or more");
      }
    }
  }
}
