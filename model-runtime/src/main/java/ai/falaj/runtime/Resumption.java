package ai.falaj.runtime;

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
   */
  public record Sample(TokenIds tokens, List<TokenLogprob> logprobs) {

    public Sample {
      Objects.requireNonNull(tokens, "tokens");
      logprobs = List.copyOf(logprobs);
      if (!logprobs.isEmpty() && logprobs.size() != tokens.size()) {
        throw new IllegalArgumentException(
            "%d logprobs for %d tokens; give one per token, or none"
                .formatted(logprobs.size(), tokens.size()));
      }
    }

    /** A sample that had made these, without logprobs. */
    public static Sample of(int... tokens) {
      return new Sample(TokenIds.of(tokens), List.of());
    }
  }
}
