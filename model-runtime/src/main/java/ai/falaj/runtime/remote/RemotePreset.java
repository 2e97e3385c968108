package ai.falaj.runtime.remote;

import static ai.falaj.runtime.remote.protocol.Feature.ADAPTER_AS_MODEL;
import static ai.falaj.runtime.remote.protocol.Feature.COMPLETE_MODEL_LIST;
import static ai.falaj.runtime.remote.protocol.Feature.IGNORE_EOS;
import static ai.falaj.runtime.remote.protocol.Feature.JSON_OBJECT;
import static ai.falaj.runtime.remote.protocol.Feature.JSON_SCHEMA;
import static ai.falaj.runtime.remote.protocol.Feature.LOGIT_BIAS;
import static ai.falaj.runtime.remote.protocol.Feature.LOGPROBS;
import static ai.falaj.runtime.remote.protocol.Feature.MIN_P;
import static ai.falaj.runtime.remote.protocol.Feature.OWN_DEFAULTS;
import static ai.falaj.runtime.remote.protocol.Feature.PENALTIES;
import static ai.falaj.runtime.remote.protocol.Feature.REGEX;
import static ai.falaj.runtime.remote.protocol.Feature.REPETITION_PENALTY;
import static ai.falaj.runtime.remote.protocol.Feature.SAMPLES;
import static ai.falaj.runtime.remote.protocol.Feature.SEED;
import static ai.falaj.runtime.remote.protocol.Feature.STRUCTURED_OUTPUTS;
import static ai.falaj.runtime.remote.protocol.Feature.TOOLS;
import static ai.falaj.runtime.remote.protocol.Feature.TOOL_CHOICE;
import static ai.falaj.runtime.remote.protocol.Feature.TOP_K;
import static ai.falaj.runtime.remote.protocol.Feature.USAGE_ON_REQUEST;

import ai.falaj.runtime.remote.protocol.Continuation;
import ai.falaj.runtime.remote.protocol.Dialect;
import ai.falaj.runtime.remote.protocol.Feature;
import ai.falaj.runtime.remote.protocol.Reasoning;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Endpoints that are one line of configuration away: address, where the key is, and what the server
 * understands. Everything of it can be set otherwise in {@link RemoteSpec.Builder}, but for the
 * dialect.
 */
public enum RemotePreset {
  /** K2 Think in the Cerebras cloud; it thinks in tags. Penalties and biases are refused there. */
  K2_THINK_CEREBRAS(
      "https://api.cerebras.ai/v1",
      SecretReference.environment("CEREBRAS_API_KEY"),
      Dialect.openAi(SEED, JSON_OBJECT, JSON_SCHEMA, LOGPROBS, USAGE_ON_REQUEST, TOOLS)
          .maxTokensField("max_completion_tokens")
          .reasoning(Reasoning.TAGS)
          .maxStopStrings(4)
          .highestTemperature(1.5)),
  VLLM(
      "http://localhost:8000/v1",
      SecretReference.NONE,
      Dialect.openAi(vllmFeatures())
          .reasoningBudgetField("thinking_token_budget")
          .continuation(Continuation.FINAL_MESSAGE)),
  SGLANG(
      "http://localhost:30000/v1",
      SecretReference.NONE,
      Dialect.openAi(
              SAMPLES,
              SEED,
              TOP_K,
              MIN_P,
              REPETITION_PENALTY,
              PENALTIES,
              LOGIT_BIAS,
              LOGPROBS,
              JSON_OBJECT,
              JSON_SCHEMA,
              REGEX,
              IGNORE_EOS,
              USAGE_ON_REQUEST,
              TOOLS,
              TOOL_CHOICE,
              OWN_DEFAULTS,
              COMPLETE_MODEL_LIST)
          .continuation(Continuation.FINAL_MESSAGE)),
  LLAMA_SERVER(
      "http://localhost:8080/v1",
      SecretReference.NONE,
      Dialect.openAi(
              SAMPLES,
              SEED,
              TOP_K,
              MIN_P,
              REPETITION_PENALTY,
              PENALTIES,
              LOGIT_BIAS,
              LOGPROBS,
              JSON_OBJECT,
              JSON_SCHEMA,
              IGNORE_EOS,
              USAGE_ON_REQUEST,
              TOOLS,
              TOOL_CHOICE,
              OWN_DEFAULTS)
          .repetitionPenaltyField("repeat_penalty")
          .reasoningBudgetField("reasoning_budget_tokens")
          .continuation(Continuation.FINAL_MESSAGE_WITH_REASONING)),
  /** GPT-OSS behind vLLM. Its format of channels cannot be gone on with. */
  GPT_OSS("http://localhost:8000/v1", SecretReference.NONE, Dialect.openAi(vllmFeatures())),
  DEEPSEEK(
      "https://api.deepseek.com",
      SecretReference.environment("DEEPSEEK_API_KEY"),
      Dialect.openAi(
              PENALTIES,
              JSON_OBJECT,
              LOGPROBS,
              USAGE_ON_REQUEST,
              TOOLS,
              TOOL_CHOICE,
              COMPLETE_MODEL_LIST)
          .continuation(Continuation.BETA_PREFIX)),
  /** Its reasoning models show none of their reasoning and refuse most sampling parameters. */
  OPENAI(
      "https://api.openai.com/v1",
      SecretReference.environment("OPENAI_API_KEY"),
      Dialect.openAi(
              SAMPLES,
              SEED,
              PENALTIES,
              LOGIT_BIAS,
              LOGPROBS,
              JSON_OBJECT,
              JSON_SCHEMA,
              USAGE_ON_REQUEST,
              TOOLS,
              TOOL_CHOICE)
          .maxTokensField("max_completion_tokens")
          .reasoning(Reasoning.BLOCKS)
          .maxStopStrings(4)),
  /** Models that accept no beginning of an answer start over after a failure. */
  ANTHROPIC(
      "https://api.anthropic.com/v1",
      SecretReference.environment("ANTHROPIC_API_KEY"),
      Dialect.anthropic(TOP_K, JSON_SCHEMA, TOOLS, TOOL_CHOICE)
          .reasoning(Reasoning.BLOCKS)
          .continuation(Continuation.LAST_MESSAGE)
          .maxStopStrings(16)
          .highestTemperature(1)),
  MISTRAL(
      "https://api.mistral.ai/v1",
      SecretReference.environment("MISTRAL_API_KEY"),
      Dialect.openAi(SAMPLES, SEED, PENALTIES, JSON_OBJECT, JSON_SCHEMA, TOOLS, TOOL_CHOICE)
          .seedField("random_seed")
          .requiredToolChoice("any")
          .continuation(Continuation.PREFIX)
          .highestTemperature(1.5)),
  OLLAMA(
      "http://localhost:11434/v1",
      SecretReference.NONE,
      Dialect.openAi(
          SEED, PENALTIES, JSON_OBJECT, JSON_SCHEMA, USAGE_ON_REQUEST, TOOLS, OWN_DEFAULTS));

  private final String baseUrl;
  private final SecretReference key;
  private final Dialect dialect;

  RemotePreset(String baseUrl, SecretReference key, Dialect.Builder dialect) {
    this.baseUrl = baseUrl;
    this.key = key;
    this.dialect = dialect.build();
  }

  /**
   * The preset of a name such as {@code k2-think-cerebras}.
   *
   * @throws IllegalArgumentException listing the names
   */
  public static RemotePreset named(String name) {
    for (RemotePreset preset : values()) {
      if (preset.configName().equals(name)) {
        return preset;
      }
    }
    throw new IllegalArgumentException(
        "there is no preset '%s'; there are %s"
            .formatted(
                name,
                Arrays.stream(values())
                    .map(RemotePreset::configName)
                    .collect(Collectors.joining(", "))));
  }

  /** As configuration writes it. */
  public String configName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public String baseUrl() {
    return baseUrl;
  }

  /** Where the key is by default. */
  public SecretReference key() {
    return key;
  }

  public Dialect dialect() {
    return dialect;
  }

  private static Feature[] vllmFeatures() {
    return new Feature[] {
      SAMPLES,
      SEED,
      TOP_K,
      MIN_P,
      REPETITION_PENALTY,
      PENALTIES,
      LOGIT_BIAS,
      LOGPROBS,
      JSON_OBJECT,
      JSON_SCHEMA,
      STRUCTURED_OUTPUTS,
      IGNORE_EOS,
      USAGE_ON_REQUEST,
      TOOLS,
      TOOL_CHOICE,
      ADAPTER_AS_MODEL,
      OWN_DEFAULTS,
      COMPLETE_MODEL_LIST
    };
  }
}
