package ai.falaj.operators;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.schemas.ErrorCode;

/**
 * What follows from each error of the runtime: the one place that decides it. {@code
 * docs/ERRORS.md} shows the same table; a test holds them together.
 */
public enum ErrorPolicy {
  EMPTY_PROMPT(RuntimeErrorCode.EMPTY_PROMPT, FailureAction.DEAD_LETTER, ErrorCode.EMPTY_PROMPT),
  PROMPT_TOO_LONG(
      RuntimeErrorCode.PROMPT_TOO_LONG, FailureAction.DEAD_LETTER, ErrorCode.PROMPT_TOO_LONG),
  INVALID_PARAMETER(
      RuntimeErrorCode.INVALID_PARAMETER, FailureAction.DEAD_LETTER, ErrorCode.INVALID_PARAMETER),
  UNSUPPORTED_PARAMETER(
      RuntimeErrorCode.UNSUPPORTED_PARAMETER,
      FailureAction.DEAD_LETTER,
      ErrorCode.UNSUPPORTED_PARAMETER),
  UNKNOWN_MODEL(RuntimeErrorCode.UNKNOWN_MODEL, FailureAction.DEAD_LETTER, ErrorCode.UNKNOWN_MODEL),
  BUDGET_EXCEEDED(
      RuntimeErrorCode.BUDGET_EXCEEDED, FailureAction.DEAD_LETTER, ErrorCode.BUDGET_EXCEEDED),
  DEADLINE_EXCEEDED(
      RuntimeErrorCode.DEADLINE_EXCEEDED, FailureAction.DEAD_LETTER, ErrorCode.DEADLINE_EXCEEDED),
  /** The runtime is shared: others fill it too, and their requests end. */
  OVERLOADED(RuntimeErrorCode.OVERLOADED, FailureAction.WAIT, ErrorCode.ENGINE_FAILURE),
  ENGINE_FAILURE(RuntimeErrorCode.ENGINE_FAILURE, FailureAction.RETRY, ErrorCode.ENGINE_FAILURE),
  /** A key can be replaced; until then the circuit breaker keeps requests from using it. */
  UNAUTHORIZED(RuntimeErrorCode.UNAUTHORIZED, FailureAction.RETRY, ErrorCode.ENGINE_FAILURE),
  TIMEOUT(RuntimeErrorCode.TIMEOUT, FailureAction.RETRY, ErrorCode.TIMEOUT),
  /** The model was replaced since, or the tokens are none of its own. */
  CANNOT_RESUME(RuntimeErrorCode.CANNOT_RESUME, FailureAction.START_OVER, ErrorCode.ENGINE_FAILURE),
  CONTENT_FILTERED(
      RuntimeErrorCode.CONTENT_FILTERED, FailureAction.DEAD_LETTER, ErrorCode.CONTENT_FILTERED),
  /** Quarantine: another attempt would take all its neighbours down again. */
  ENGINE_CRASH(RuntimeErrorCode.ENGINE_CRASH, FailureAction.DEAD_LETTER, ErrorCode.ENGINE_CRASH),
  /** The lease holds a runtime that is gone; only a restart gets another. */
  RUNTIME_CLOSED(RuntimeErrorCode.RUNTIME_CLOSED, FailureAction.FAIL_JOB, ErrorCode.ENGINE_FAILURE);

  private final RuntimeErrorCode runtimeCode;
  private final FailureAction action;
  private final ErrorCode deadLetterCode;

  ErrorPolicy(RuntimeErrorCode runtimeCode, FailureAction action, ErrorCode deadLetterCode) {
    this.runtimeCode = runtimeCode;
    this.action = action;
    this.deadLetterCode = deadLetterCode;
  }

  /** Every code has a policy; a test holds that. */
  public static ErrorPolicy of(RuntimeErrorCode code) {
    for (ErrorPolicy policy : values()) {
      if (policy.runtimeCode == code) {
        return policy;
      }
    }
    throw new IllegalStateException("no policy for " + code);
  }

  public FailureAction action() {
    return action;
  }

  ErrorCode deadLetterCode() {
    return deadLetterCode;
  }
}
