package ai.falaj.runtime;

import java.util.Objects;

/**
 * The end of a generation.
 *
 * @param answer all text of {@link Channel#ANSWER}
 * @param reasoning all text of {@link Channel#REASONING}; empty where there was none
 * @param seed the seed that was used, unsigned 32-bit
 * @param effectiveMaxTokens the bound on completion tokens that applied: {@code maxTokens} or what
 *     the context left
 */
public record GenerationResult(
    String answer,
    String reasoning,
    FinishReason finishReason,
    Usage usage,
    Timings timings,
    long seed,
    int effectiveMaxTokens) {

  public GenerationResult {
    Objects.requireNonNull(answer, "answer");
    Objects.requireNonNull(reasoning, "reasoning");
    Objects.requireNonNull(finishReason, "finishReason");
    Objects.requireNonNull(usage, "usage");
    Objects.requireNonNull(timings, "timings");
  }

  /**
   * Tokens that were read and written.
   *
   * @param cachedTokens prompt tokens that needed no prefill
   * @param reasoningTokens completion tokens on {@link Channel#REASONING}
   * @param completionTokens all generated tokens, reasoning and the end-of-turn token included
   */
  public record Usage(
      int promptTokens, int cachedTokens, int reasoningTokens, int completionTokens) {}

  /**
   * Durations from submission, in milliseconds.
   *
   * @param queueTimeMs to the first prefill step
   * @param timeToFirstTokenMs to the first token; equal to {@code totalTimeMs} where there was none
   * @param totalTimeMs to the end
   */
  public record Timings(long queueTimeMs, long timeToFirstTokenMs, long totalTimeMs) {}
}
