package ai.falaj.operators;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.schemas.SamplingParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What the sampling parameters of a record ask of a runtime, with their ranges checked. The one
 * place that reads them, for the operator and for clients that want to know before they send.
 * Stateless.
 */
public final class RequestedSampling {

  private static final int MAX_TOP_LOGPROBS = ai.falaj.runtime.SamplingParameters.MAX_TOP_LOGPROBS;

  private static final long SEEDS = ai.falaj.runtime.SamplingParameters.MAX_SEED + 1;

  /** Odd and large: offsets of two partitions do not meet. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private RequestedSampling() {}

  /**
   * Checks everything that can be checked without the runtime.
   *
   * @throws IllegalArgumentException naming the parameter, its value and its range
   */
  public static void requireValid(SamplingParameters requested) {
    sampling(requested, OptionalInt.empty(), 0);
    samples(requested);
    output(requested);
    reasoningBudget(requested);
  }

  /**
   * How tokens are chosen.
   *
   * @param defaultMaxTokens where the request names none
   * @param defaultSeed where the request names none
   * @throws IllegalArgumentException naming the parameter, its value and its range
   */
  static ai.falaj.runtime.SamplingParameters sampling(
      SamplingParameters requested, OptionalInt defaultMaxTokens, long defaultSeed) {
    var builder = ai.falaj.runtime.SamplingParameters.builder();
    builder.seed(defaultSeed);
    defaultMaxTokens.ifPresent(builder::maxTokens);
    ifSet(requested.getTemperature(), builder::temperature);
    ifSet(requested.getTopP(), builder::topP);
    ifSet(requested.getTopK(), builder::topK);
    ifSet(requested.getMinP(), builder::minP);
    ifSet(requested.getMaxTokens(), builder::maxTokens);
    ifSet(requested.getSeed(), builder::seed);
    ifSet(requested.getPresencePenalty(), builder::presencePenalty);
    ifSet(requested.getFrequencyPenalty(), builder::frequencyPenalty);
    ifSet(requested.getRepetitionPenalty(), builder::repetitionPenalty);
    builder.stop(requested.getStop());
    builder.logitBias(logitBias(requested.getLogitBias()));
    topLogprobs(requested).ifPresent(builder::topLogprobs);
    return builder.build();
  }

  /**
   * The seed of a request that names none. It follows from where the record was read: one that is
   * read again after a failure is generated again as it was.
   */
  public static long seed(RecordOrigin origin) {
    long place = 31L * origin.topic().hashCode() + origin.partition();
    return new SplittableRandom(SPREAD * place + origin.offset()).nextLong(SEEDS);
  }

  /**
   * How many completions are wanted.
   *
   * @throws IllegalArgumentException naming value and range
   */
  static int samples(SamplingParameters requested) {
    int samples = requested.getN() == null ? 1 : requested.getN();
    if (samples < 1 || samples > GenerationRequest.MAX_SAMPLES) {
      throw new IllegalArgumentException(
          "n is " + samples + "; it must be 1 to " + GenerationRequest.MAX_SAMPLES);
    }
    return samples;
  }

  /**
   * What shape the answer must have.
   *
   * @throws IllegalArgumentException naming the parameters in conflict or the one that is wrong
   */
  static OutputFormat output(SamplingParameters requested) {
    List<String> given = new ArrayList<>();
    OutputFormat output = OutputFormat.TEXT;
    if (requested.getResponseFormat() != null) {
      output = ResponseFormat.parse(requested.getResponseFormat());
      if (!(output instanceof OutputFormat.Text)) {
        given.add("response_format");
      }
    }
    if (requested.getRegex() != null) {
      given.add("regex");
      output = regex(requested.getRegex());
    }
    if (!requested.getChoice().isEmpty()) {
      given.add("choice");
      output = choice(requested.getChoice());
    }
    if (given.size() > 1) {
      throw new IllegalArgumentException(String.join(" and ", given) + " are set; set one of them");
    }
    return output;
  }

  /**
   * After how many tokens reasoning is closed.
   *
   * @throws IllegalArgumentException naming value and range
   */
  static OptionalInt reasoningBudget(SamplingParameters requested) {
    Integer budget = requested.getReasoningBudget();
    if (budget == null) {
      return OptionalInt.empty();
    }
    if (budget < 0) {
      throw new IllegalArgumentException(
          "reasoning_budget is " + budget + "; it must be 0 (no reasoning) or more");
    }
    return OptionalInt.of(budget);
  }

  private static OutputFormat regex(String pattern) {
    if (pattern.isEmpty()) {
      throw new IllegalArgumentException("regex is empty; give it a pattern or leave it out");
    }
    return new OutputFormat.Regex(pattern);
  }

  private static OutputFormat choice(List<String> choices) {
    if (choices.contains("")) {
      throw new IllegalArgumentException(
          "choice has an empty text at " + choices.indexOf("") + "; remove it");
    }
    return new OutputFormat.Choice(choices);
  }

  private static Map<Integer, Double> logitBias(Map<String, Double> biases) {
    if (biases.isEmpty()) {
      return Map.of();
    }
    Map<Integer, Double> byToken = new HashMap<>();
    biases.forEach((token, bias) -> byToken.put(tokenId(token), bias));
    return byToken;
  }

  private static int tokenId(String text) {
    // No sign, no leading zeros: one token has one name, so none can be biased twice.
    if (!text.matches("0|[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException(
          "logit_bias has the token '%s'; it must be a token id in decimal"
              .formatted(Texts.shown(text)));
    }
    return Integer.parseInt(text);
  }

  private static OptionalInt topLogprobs(SamplingParameters requested) {
    boolean wanted = Boolean.TRUE.equals(requested.getLogprobs());
    Integer top = requested.getTopLogprobs();
    if (top != null && !wanted) {
      throw new IllegalArgumentException(
          "top_logprobs is " + top + " and logprobs is not set; set logprobs to true");
    }
    if (top != null && (top < 0 || top > MAX_TOP_LOGPROBS)) {
      throw new IllegalArgumentException(
          "top_logprobs is " + top + "; it must be 0 to " + MAX_TOP_LOGPROBS);
    }
    return wanted ? OptionalInt.of(top == null ? 0 : top) : OptionalInt.empty();
  }

  private static <V> void ifSet(V value, Consumer<V> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
