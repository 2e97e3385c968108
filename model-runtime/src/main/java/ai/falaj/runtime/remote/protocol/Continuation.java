package ai.falaj.runtime.remote.protocol;

/** How a server is told to go on with an answer that was begun. */
public enum Continuation {
  /** It cannot. */
  NONE,
  /** {@code continue_final_message} of vLLM and SGLang; text only. */
  FINAL_MESSAGE,
  /** {@code continue_final_message} of llama-server, which goes on with reasoning too. */
  FINAL_MESSAGE_WITH_REASONING,
  /** {@code prefix} in the last message: Mistral; text only. */
  PREFIX,
  /** {@code prefix} under DeepSeek's {@code /beta}, with the reasoning beside it. */
  BETA_PREFIX,
  /** The last message is the assistant's: Anthropic; text only, and never with thinking. */
  LAST_MESSAGE
}
