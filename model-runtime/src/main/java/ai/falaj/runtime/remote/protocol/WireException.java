package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.RuntimeErrorCode;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A server refused a request, or broke off its answer. The message is our own: what servers write
 * may repeat the prompt.
 */
public final class WireException extends Exception {
  private static final long serialVersionUID = 1L;

  private final RuntimeErrorCode code;
  private final transient Optional<Duration> retryAfter;

  public WireException(RuntimeErrorCode code, String message) {
    this(code, message, Optional.empty());
  }

  public WireException(RuntimeErrorCode code, String message, Optional<Duration> retryAfter) {
    super(message);
    this.code = Objects.requireNonNull(code, "code");
    this.retryAfter = retryAfter;
  }

  public RuntimeErrorCode code() {
    return code;
  }

  /** How long the server asks to wait, where it says so. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  public GenerationException of(String requestId) {
    GenerationException failure = new GenerationException(requestId, code, getMessage());
    return retryAfter.isPresent() ? failure.withRetryAfter(retryAfter.get()) : failure;
  }
}
