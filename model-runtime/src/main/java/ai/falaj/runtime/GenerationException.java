package ai.falaj.runtime;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A request that produced no result. The message says what was wrong and what helps; it never holds
 * the prompt.
 */
public final class GenerationException extends Exception {

  private final String requestId;
  private final RuntimeErrorCode code;
  private final Duration retryAfter;

  public GenerationException(String requestId, RuntimeErrorCode code, String message) {
    this(requestId, code, message, null);
  }

  public GenerationException(
      String requestId, RuntimeErrorCode code, String message, Throwable cause) {
    this(requestId, code, message, cause, null);
  }

  private GenerationException(
      String requestId,
      RuntimeErrorCode code,
      String message,
      Throwable cause,
      Duration retryAfter) {
    super(message, cause);
    this.requestId = Objects.requireNonNull(requestId, "requestId");
    this.code = Objects.requireNonNull(code, "code");
    this.retryAfter = retryAfter;
  }

  /** The same failure, of an engine that says when to try again at the earliest. */
  public GenerationException withRetryAfter(Duration wait) {
    return new GenerationException(requestId, code, getMessage(), getCause(), wait);
  }

  /** How long the engine asks to wait before the next attempt, where it says so. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  public String requestId() {
    return requestId;
  }

  public RuntimeErrorCode code() {
    return code;
  }
}
