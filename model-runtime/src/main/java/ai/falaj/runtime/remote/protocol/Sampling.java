package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Writes how tokens are chosen, and refuses what the server cannot do: a parameter that is left out
 * in silence gives another text than was asked for. The one exception is the seed, which every job
 * sets: where there is none, answers are not repeatable, and say so by their engine's name.
 */
final class Sampling {

  /** Of vLLM, SGLang and llama.cpp: all tokens. */
  private static final int ALL_TOKENS = -1;

  private final Dialect dialect;

  Sampling(Dialect dialect) {
    this.dialect = dialect;
  }

  void write(WireCall call, ObjectNode body) throws WireException {
    SamplingParameters sampling = call.request().sampling();
    boolean explicit = dialect.has(Feature.OWN_DEFAULTS);
    writeTemperature(sampling, explicit, body);
    if (explicit || sampling.topP() != 1) {
      body.put("top_p", sampling.topP());
    }
    if (sampling.topK() > 0) {
      require(Feature.TOP_K, "top_k");
      body.put("top_k", sampling.topK());
    } else if (explicit && dialect.has(Feature.TOP_K)) {
      body.put("top_k", ALL_TOKENS);
    }
    if (sampling.minP() > 0) {
      require(Feature.MIN_P, "min_p");
    }
    if (sampling.minP() > 0 || (explicit && dialect.has(Feature.MIN_P))) {
      body.put("min_p", sampling.minP());
    }
    writePenalties(sampling, explicit, body);
    if (dialect.has(Feature.SEED)) {
      body.put(dialect.seedField(), call.seed());
    }
    call.maxTokens().ifPresent(most -> body.put(dialect.maxTokensField(), most));
    writeStops(sampling, "stop", body);
    writeTokenChoice(sampling, body);
    writeIgnoreEos(call.request(), body);
  }

  void writeTemperature(SamplingParameters sampling, boolean explicit, ObjectNode body)
      throws WireException {
    if (sampling.temperature() > dialect.highestTemperature()) {
      throw unsupported(
          "temperature is %s; this server takes 0 to %s"
              .formatted(sampling.temperature(), dialect.highestTemperature()));
    }
    if (explicit || sampling.temperature() != 1) {
      body.put("temperature", sampling.temperature());
    }
  }

  void writeStops(SamplingParameters sampling, String field, ObjectNode body) throws WireException {
    if (sampling.stop().size() > dialect.maxStopStrings()) {
      throw unsupported(
          "stop has %d strings; this server takes at most %d"
              .formatted(sampling.stop().size(), dialect.maxStopStrings()));
    }
    if (!sampling.stop().isEmpty()) {
      ArrayNode stops = body.putArray(field);
      sampling.stop().forEach(stops::add);
    }
  }

  void require(Feature feature, String parameter) throws WireException {
    if (!dialect.has(feature)) {
      throw unsupported("this server does not know %s; leave it out".formatted(parameter));
    }
  }

  private void writePenalties(SamplingParameters sampling, boolean explicit, ObjectNode body)
      throws WireException {
    if (sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0) {
      require(Feature.PENALTIES, "presence_penalty and frequency_penalty");
      body.put("presence_penalty", sampling.presencePenalty());
      body.put("frequency_penalty", sampling.frequencyPenalty());
    }
    if (sampling.repetitionPenalty() != 1) {
      require(Feature.REPETITION_PENALTY, "repetition_penalty");
    }
    if (sampling.repetitionPenalty() != 1
        || (explicit && dialect.has(Feature.REPETITION_PENALTY))) {
      body.put(dialect.repetitionPenaltyField(), sampling.repetitionPenalty());
    }
  }

  private void writeTokenChoice(SamplingParameters sampling, ObjectNode body) throws WireException {
    if (!sampling.logitBias().isEmpty()) {
      require(Feature.LOGIT_BIAS, "logit_bias");
      ObjectNode biases = body.putObject("logit_bias");
      sampling.logitBias().forEach((token, bias) -> biases.put(token.toString(), bias));
    }
    if (sampling.topLogprobs().isPresent()) {
      require(Feature.LOGPROBS, "logprobs");
      body.put("logprobs", true);
      body.put("top_logprobs", sampling.topLogprobs().getAsInt());
    }
  }

  private void writeIgnoreEos(GenerationRequest request, ObjectNode body) throws WireException {
    if (request.ignoreEndOfSequence()) {
      require(Feature.IGNORE_EOS, "ignore_eos");
      body.put("ignore_eos", true);
    }
  }

  static WireException unsupported(String message) {
    return new WireException(RuntimeErrorCode.UNSUPPORTED_PARAMETER, message);
  }
}
