package ai.falaj.runtime.remote.protocol;

/** What a server may understand beyond a conversation with temperature, top_p and a length. */
public enum Feature {
  /** {@code n}: several answers to one request. Without it each is a request of its own. */
  SAMPLES,
  SEED,
  TOP_K,
  MIN_P,
  REPETITION_PENALTY,
  /** {@code presence_penalty} and {@code frequency_penalty}. */
  PENALTIES,
  LOGIT_BIAS,
  LOGPROBS,
  JSON_OBJECT,
  JSON_SCHEMA,
  /** Regular expressions and choices as vLLM writes them. */
  STRUCTURED_OUTPUTS,
  /** Regular expressions as SGLang writes them. */
  REGEX,
  IGNORE_EOS,
  /** Has to be asked for usage with {@code stream_options}. */
  USAGE_ON_REQUEST,
  TOOLS,
  /** Understands a required or named tool; without it the model always decides. */
  TOOL_CHOICE,
  /** A LoRA adapter is named in place of the model. */
  ADAPTER_AS_MODEL,
  /** Has defaults of its own for sampling, so that OpenAI's must be sent to hold. */
  OWN_DEFAULTS,
  /** Its list of models names all that it takes. */
  COMPLETE_MODEL_LIST
}
