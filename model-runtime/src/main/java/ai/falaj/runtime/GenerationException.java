package ai.falaj.runtime;

import java.util.Objects;

/**
 * A request that produced no result. The message says what was wrong and what helps; it never holds
 * the prompt.
 */
public final class GenerationException extends Exception {

  private final String requestId;
  private final RuntimeErrorCode code;

  public GenerationException(String requestId, RuntimeErrorCode code, String message) {
    this(requestId, code, message, null);
  }

  public GenerationException(
      String requestId, RuntimeErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.requestId = Objects.requireNonNull(requestId, "requestId");
    this.code = Objects.requireNonNull(code, "code");
  }

  public String requestId() {
    return requestId;
  }

  public RuntimeErrorCode code() {
    return code;
  }
}
