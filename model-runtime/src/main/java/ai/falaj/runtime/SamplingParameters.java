package ai.falaj.runtime;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How tokens are chosen, with OpenAI's names and meanings.
 *
 * @param temperature 0 is greedy; 0 to 2
 * @param topP keep the most likely tokens that make up this probability; above 0, at most 1
 * @param topK keep this many of the most likely tokens; 0 keeps all
 * @param minP keep tokens at least this fraction as likely as the most likely one; 0 to 1
 * @param maxTokens most completion tokens, reasoning included; absent: up to the end of the context
 * @param seed unsigned 32-bit; absent: the runtime draws one and reports it
 * @param stop generation ends before the first of these; at most {@value #MAX_STOP_STRINGS}, none
 *     empty
 * @param presencePenalty subtracted from the logit of each token that the completion holds; -2 to 2
 * @param frequencyPenalty subtracted once per occurrence in the completion; -2 to 2
 * @param repetitionPenalty divides the positive and multiplies the negative logits of tokens that
 *     prompt or completion hold; above 0, at most 2; 1 changes nothing
 * @param logitBias added to the logits of these tokens before anything else; -100 to 100 each, at
 *     most {@value #MAX_LOGIT_BIASES}
 * @param topLogprobs report each token's logprob, and those of this many of the most likely; 0 to
 *     {@value #MAX_TOP_LOGPROBS}; absent: none are reported
 */
public record SamplingParameters(
    double temperature,
    double topP,
    int topK,
    double minP,
    OptionalInt maxTokens,
    OptionalLong seed,
    List<String> stop,
    double presencePenalty,
    double frequencyPenalty,
    double repetitionPenalty,
    Map<Integer, Double> logitBias,
    OptionalInt topLogprobs) {

  public static final int MAX_STOP_STRINGS = 16;
  public static final long MAX_SEED = 0xFFFF_FFFEL;

  public static final int MAX_LOGIT_BIASES = 1024;
  public static final int MAX_TOP_LOGPROBS = 20;

  private static final SamplingParameters DEFAULTS = builder().build();

  /**
   * @throws IllegalArgumentException naming the parameter, its value and its range
   */
  public SamplingParameters {
    stop = List.copyOf(stop);
    logitBias = Map.copyOf(logitBias);
    requireInRange("temperature", temperature, 0, 2);
    requireInRange("top_p", topP, Math.nextUp(0.0), 1);
    requireInRange("min_p", minP, 0, 1);
    requireInRange("presence_penalty", presencePenalty, -2, 2);
    requireInRange("frequency_penalty", frequencyPenalty, -2, 2);
    requireInRange("repetition_penalty", repetitionPenalty, Math.nextUp(0.0), 2);
    logitBias.forEach((token, bias) -> requireInRange("logit_bias of " + token, bias, -100, 100));
    if (logitBias.size() > MAX_LOGIT_BIASES) {
      throw new IllegalArgumentException(
          "logit_bias has %d tokens; at most %d are allowed"
              .formatted(logitBias.size(), MAX_LOGIT_BIASES));
    }
    if (topLogprobs.isPresent()) {
      requireInRange("top_logprobs", topLogprobs.getAsInt(), 0, MAX_TOP_LOGPROBS);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top_k is " + topK + "; it must be 0 (keep all) or more");
    }
    if (maxTokens.isPresent() && maxTokens.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "max_tokens is " + maxTokens.getAsInt() + "; it must be 1 or more");
    }
    if (seed.isPresent() && (seed.getAsLong() < 0 || seed.getAsLong() > MAX_SEED)) {
      throw new IllegalArgumentException(
          "seed is " + seed.getAsLong() + "; it must be 0 to " + MAX_SEED);
    }
    if (stop.size() > MAX_STOP_STRINGS) {
      throw new IllegalArgumentException(
          "stop has " + stop.size() + " strings; at most " + MAX_STOP_STRINGS + " are allowed");
    }
    if (stop.contains("")) {
      throw new IllegalArgumentException("stop holds an empty string; remove it");
    }
  }

  /** OpenAI's defaults: temperature 1, no truncation, no penalties. */
  public static SamplingParameters defaults() {
    return DEFAULTS;
  }

  public static SamplingParameters greedy(int maxTokens) {
    return builder().temperature(0).maxTokens(maxTokens).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  public boolean isGreedy() {
    return temperature == 0;
  }

  private static void requireInRange(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      String range = min == Math.nextUp(0.0) ? "above 0 and at most " + max : min + " to " + max;
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + range);
    }
  }

  /** Starts from OpenAI's defaults. Confined to one thread. */
  public static final class Builder {
    private double temperature = 1;
    private double topP = 1;
    private int topK;
    private double minP;
    private OptionalInt maxTokens = OptionalInt.empty();
    private OptionalLong seed = OptionalLong.empty();
    private List<String> stop = List.of();
    private double presencePenalty;
    private double frequencyPenalty;
    private double repetitionPenalty = 1;
    private Map<Integer, Double> logitBias = Map.of();
    private OptionalInt topLogprobs = OptionalInt.empty();

    private Builder() {}

    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    public Builder topP(double value) {
      topP = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder minP(double value) {
      minP = value;
      return this;
    }

    public Builder maxTokens(int value) {
      maxTokens = OptionalInt.of(value);
      return this;
    }

    public Builder seed(long value) {
      seed = OptionalLong.of(value);
      return this;
    }

    public Builder stop(List<String> value) {
      stop = value;
      return this;
    }

    public Builder presencePenalty(double value) {
      presencePenalty = value;
      return this;
    }

    public Builder frequencyPenalty(double value) {
      frequencyPenalty = value;
      return this;
    }

    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    public Builder logitBias(Map<Integer, Double> value) {
      logitBias = value;
      return this;
    }

    public Builder topLogprobs(int value) {
      topLogprobs = OptionalInt.of(value);
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the parameter, its value and its range
     */
    public SamplingParameters build() {
      return new SamplingParameters(
          temperature,
          topP,
          topK,
          minP,
          maxTokens,
          seed,
          stop,
          presencePenalty,
          frequencyPenalty,
          repetitionPenalty,
          logitBias,
          topLogprobs);
    }
  }
}
