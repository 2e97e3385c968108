package ai.falaj.jobs.enrich;

import ai.falaj.operators.RequestedSampling;
import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.schemas.SamplingParameters;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads {@code sampling}: parameters with OpenAI's names. Greedy unless it says otherwise, so that
 * an enrichment can be repeated. Stateless.
 */
final class SamplingReader {

  private static final List<String> NAMES =
      List.of(
          "temperature",
          "top_p",
          "top_k",
          "min_p",
          "max_tokens",
          "seed",
          "stop",
          "presence_penalty",
          "frequency_penalty",
          "repetition_penalty",
          "reasoning_budget");

  private SamplingReader() {}

  /**
   * @param output whose schema the answers are held to
   * @throws IllegalArgumentException naming the parameter, its value and what it must be
   */
  static SamplingParameters read(Map<String, JsonNode> given, OutputSchema output) {
    for (String name : given.keySet()) {
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException(
            "sampling: '%s' is not known here; known are %s"
                .formatted(name, String.join(", ", NAMES)));
      }
    }
    SamplingParameters sampling = SamplingParameters.newBuilder().setTemperature(0.0).build();
    number(given, "temperature", value -> sampling.setTemperature(value.doubleValue()));
    number(given, "top_p", value -> sampling.setTopP(value.doubleValue()));
    integer(given, "top_k", value -> sampling.setTopK(value.intValue()));
    number(given, "min_p", value -> sampling.setMinP(value.doubleValue()));
    integer(given, "max_tokens", value -> sampling.setMaxTokens(value.intValue()));
    integer(given, "seed", value -> sampling.setSeed(value.longValue()));
    number(given, "presence_penalty", value -> sampling.setPresencePenalty(value.doubleValue()));
    number(given, "frequency_penalty", value -> sampling.setFrequencyPenalty(value.doubleValue()));
    number(
        given, "repetition_penalty", value -> sampling.setRepetitionPenalty(value.doubleValue()));
    integer(given, "reasoning_budget", value -> sampling.setReasoningBudget(value.intValue()));
    if (given.containsKey("stop")) {
      sampling.setStop(texts(given.get("stop")));
    }
    if (!output.isPlainText()) {
      sampling.setResponseFormat(output.jsonSchema());
    }
    try {
      RequestedSampling.requireValid(sampling);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("sampling: " + e.getMessage(), e);
    }
    return sampling;
  }

  private static void number(Map<String, JsonNode> given, String name, Consumer<JsonNode> setter) {
    JsonNode value = given.get(name);
    if (value != null && !value.isNumber()) {
      throw new IllegalArgumentException(
          "sampling: %s is '%s'; it must be a number".formatted(name, value.asText()));
    }
    if (value != null) {
      setter.accept(value);
    }
  }

  private static void integer(Map<String, JsonNode> given, String name, Consumer<JsonNode> setter) {
    JsonNode value = given.get(name);
    if (value != null && !(value.isIntegralNumber() && value.canConvertToLong())) {
      throw new IllegalArgumentException(
          "sampling: %s is '%s'; it must be a whole number".formatted(name, value.asText()));
    }
    if (value != null) {
      setter.accept(value);
    }
  }

  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isTextual()) {
      texts.add(node.textValue());
    } else if (node.isArray()) {
      node.forEach(text -> texts.add(text.asText()));
    } else {
      throw new IllegalArgumentException("sampling: stop is no text and no list of texts");
    }
    return texts;
  }
}
