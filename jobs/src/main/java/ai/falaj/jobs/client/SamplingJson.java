package ai.falaj.jobs.client;

import ai.falaj.operators.RequestedSampling;
import ai.falaj.schemas.SamplingParameters;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** Reads sampling parameters from JSON and checks them as the job will. */
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
          "repetition_penalty",
          "logit_bias",
          "n",
          "response_format",
          "regex",
          "choice",
          "reasoning_budget",
          "logprobs",
          "top_logprobs");

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
            .setRepetitionPenalty(fields.number("repetition_penalty").orElse(null))
            .setLogitBias(fields.numberMap("logit_bias"))
            .setResponseFormat(responseFormat(fields).orElse(null))
            .setRegex(fields.text("regex").orElse(null))
            .setChoice(fields.texts("choice"))
            .setReasoningBudget(fields.integer("reasoning_budget").orElse(null))
            .setLogprobs(fields.bool("logprobs").orElse(null))
            .setTopLogprobs(fields.integer("top_logprobs").orElse(null))
            .build();
    try {
      RequestedSampling.requireValid(sampling);
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
}
