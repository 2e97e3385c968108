package ai.falaj.runtime;

/** Why a generation ended with a result. */
public enum FinishReason {
  /** The model ended its turn, or a stop string came. */
  STOP,
  /** The model ended its turn with {@link GenerationResult.Sample#toolCalls()}. */
  TOOL_CALLS,
  /** {@code maxTokens} or the end of the context was reached. */
  LENGTH,
  /** {@link GenerationHandle#cancel()} was called; the result holds the text so far. */
  CANCELLED,
  /** The request's deadline passed while it was generated; the result holds the text so far. */
  DEADLINE
}
