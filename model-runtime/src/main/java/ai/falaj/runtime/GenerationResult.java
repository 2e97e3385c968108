package ai.falaj.runtime;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The end of a generation.
 *
 * @param samples one per sample that was asked for, in order of their index; at least one
 * @param usage of all samples together; the prompt counts once
 * @param seed that the first sample used, unsigned 32-bit; sample {@code i} used the seed {@code i}
 *     further on, modulo 2^32 - 1
 * @param effectiveMaxTokens the bound on completion tokens of each sample that applied: {@code
 *     maxTokens} or what the context left
 * @param servedBy the model that answered, where the runtime's may change while it serves; absent:
 *     {@link ModelRuntime#info()} tells
 */
public record GenerationResult(
    List<Sample> samples,
    Usage usage,
    Timings timings,
    long seed,
    int effectiveMaxTokens,
    Optional<RuntimeInfo> servedBy) {

  public GenerationResult {
    samples = List.copyOf(samples);
    Objects.requireNonNull(usage, "usage");
    Objects.requireNonNull(timings, "timings");
    Objects.requireNonNull(servedBy, "servedBy");
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("a result has one sample or more");
    }
  }

  /** By the runtime's one model. */
  public GenerationResult(
      List<Sample> samples, Usage usage, Timings timings, long seed, int effectiveMaxTokens) {
    this(samples, usage, timings, seed, effectiveMaxTokens, Optional.empty());
  }

  /** The same result, with the model that gave it. */
  public GenerationResult servedBy(RuntimeInfo model) {
    return new GenerationResult(
        samples, usage, timings, seed, effectiveMaxTokens, Optional.of(model));
  }

  /** A result of one sample. */
  public GenerationResult(
      String answer,
      String reasoning,
      FinishReason finishReason,
      Usage usage,
      Timings timings,
      long seed,
      int effectiveMaxTokens) {
    this(
        List.of(
            new Sample(
                answer,
                reasoning,
                finishReason,
                usage.reasoningTokens(),
                usage.completionTokens(),
                List.of())),
        usage,
        timings,
        seed,
        effectiveMaxTokens);
  }

  /** All text of {@link Channel#ANSWER} of the first sample. */
  public String answer() {
    return samples.get(0).answer();
  }

  /** All text of {@link Channel#REASONING} of the first sample; empty where there was none. */
  public String reasoning() {
    return samples.get(0).reasoning();
  }

  /** Of the first sample. */
  public FinishReason finishReason() {
    return samples.get(0).finishReason();
  }

  /**
   * One completion of the prompt.
   *
   * @param answer all text of {@link Channel#ANSWER}
   * @param reasoning all text of {@link Channel#REASONING}; empty where there was none
   * @param logprobs one per completion token where the request asked for them, else empty
   * @param toolCalls in the order in which the model made them; empty unless it made some
   */
  public record Sample(
      String answer,
      String reasoning,
      FinishReason finishReason,
      int reasoningTokens,
      int completionTokens,
      List<TokenLogprob> logprobs,
      List<ToolCall> toolCalls) {

    public Sample {
      Objects.requireNonNull(answer, "answer");
      Objects.requireNonNull(reasoning, "reasoning");
      Objects.requireNonNull(finishReason, "finishReason");
      logprobs = List.copyOf(logprobs);
      toolCalls = List.copyOf(toolCalls);
    }

    /** A sample without tool calls. */
    public Sample(
        String answer,
        String reasoning,
        FinishReason finishReason,
        int reasoningTokens,
        int completionTokens,
        List<TokenLogprob> logprobs) {
      this(answer, reasoning, finishReason, reasoningTokens, completionTokens, logprobs, List.of());
    }
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
   * @param timeToFirstTokenMs to the first token that was told, given ones included; equal to
   *     {@code totalTimeMs} where there was none
   * @param totalTimeMs to the end
   */
  public record Timings(long queueTimeMs, long timeToFirstTokenMs, long totalTimeMs) {}
}
