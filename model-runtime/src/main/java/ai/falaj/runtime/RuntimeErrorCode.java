package ai.falaj.runtime;

/** Why a request produced no result. Usable as a metric tag. */
public enum RuntimeErrorCode {
  /** No message with content. */
  EMPTY_PROMPT(false),
  /** The prompt leaves no room for a token in a sequence's context. */
  PROMPT_TOO_LONG(false),
  /** A sampling parameter is out of its range. */
  INVALID_PARAMETER(false),
  /** A parameter that this engine cannot serve. */
  UNSUPPORTED_PARAMETER(false),
  /** The request names a model that this runtime has not loaded. */
  UNKNOWN_MODEL(false),
  /** The request alone wants more tokens than its tenant may have in a window. */
  BUDGET_EXCEEDED(false),
  /** The deadline passed before the first token, or would have. */
  DEADLINE_EXCEEDED(false),
  /**
   * Another model made the tokens of the resumption, or the engine cannot continue them; start over
   * without them.
   */
  CANNOT_RESUME(false),
  /** The server's safety rules refused the prompt or broke off the answer. */
  CONTENT_FILTERED(false),
  /** The engine crashed twice while it computed this request; it is not tried again. */
  ENGINE_CRASH(false),
  /** The waiting queue is full. */
  OVERLOADED(true),
  /** The engine failed in the middle of a step. */
  ENGINE_FAILURE(true),
  /**
   * The server refused the key, or what the key may do. It may be replaced while the runtime
   * serves, so the same request may succeed later.
   */
  UNAUTHORIZED(true),
  /** No end within the time that an attempt may take. */
  TIMEOUT(true),
  /** The runtime was closed before the request ended. */
  RUNTIME_CLOSED(true);

  private final boolean retryable;

  RuntimeErrorCode(boolean retryable) {
    this.retryable = retryable;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return retryable;
  }
}
