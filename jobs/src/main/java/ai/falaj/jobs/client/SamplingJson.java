package ai.falaj.jobs.client;

import ai.falaj.schemas.SamplingParameters;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * Reads sampling parameters from JSON and checks them against the ranges that the runtime holds.
 */
final class SamplingJson {

  /** As in the schema, in the order of a help text. */
  static final List<String> NAMES =
      List.of(
          "max_tokens",
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "seed",
          "stop",
          "presence_penalty",
          "frequency_penalty",
          "n",
          "response_format");

  private SamplingJson() {}

  static SamplingParameters parse(JsonFields fields) throws PromptJsonException {
    SamplingParameters sampling =
        SamplingParameters.newBuilder()
            .setTemperature(fields.number("temperature").orElse(null))
            .setTopP(fields.number("top_p").orElse(null))
            .setTopK(fields.integer("top_k").orElse(null))
            .setMinP(fields.number("min_p").orElse(null))
            .setMaxTokens(fields.integer("max_tokens").orElse(null))
            .setSeed(fields.longInteger("seed").orElse(null))
            .setStop(fields.texts("stop"))
            .setN(fields.integer("n").orElse(null))
            .setPresencePenalty(fields.number("presence_penalty").orElse(null))
            .setFrequencyPenalty(fields.number("frequency_penalty").orElse(null))
            .setResponseFormat(responseFormat(fields).orElse(null))
            .build();
    try {
      requireValid(sampling);
    } catch (IllegalArgumentException e) {
      throw new PromptJsonException(e.getMessage());
    }
    return sampling;
  }

  private static Optional<String> responseFormat(JsonFields fields) throws PromptJsonException {
    Optional<JsonNode> value = fields.node("response_format");
    if (value.isPresent() && value.get().isObject()) {
      return value.map(JsonNode::toString);
    }
    return fields.text("response_format");
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the parameter, its value and its range
   */
  static void requireValid(SamplingParameters sampling) {
    if (sampling.getN() != null && sampling.getN() < 1) {
      throw new IllegalArgumentException("n is " + sampling.getN() + "; it must be 1 or more");
    }
    var builder = ai.falaj.runtime.SamplingParameters.builder().stop(sampling.getStop());
    Optional.ofNullable(sampling.getTemperature()).ifPresent(builder::temperature);
    Optional.ofNullable(sampling.getTopP()).ifPresent(builder::topP);
    Optional.ofNullable(sampling.getTopK()).ifPresent(builder::topK);
    Optional.ofNullable(sampling.getMinP()).ifPresent(builder::minP);
    Optional.ofNullable(sampling.getMaxTokens()).ifPresent(builder::maxTokens);
    Optional.ofNullable(sampling.getSeed()).ifPresent(builder::seed);
    Optional.ofNullable(sampling.getPresencePenalty()).ifPresent(builder::presencePenalty);
    Optional.ofNullable(sampling.getFrequencyPenalty()).ifPresent(builder::frequencyPenalty);
    builder.build();
  }
}
