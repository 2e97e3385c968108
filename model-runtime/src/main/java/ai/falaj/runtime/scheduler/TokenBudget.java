package ai.falaj.runtime.scheduler;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * Tokens that a tenant may use in a window of time.
 *
 * <p>A sequence reserves its prompt and its longest completion when it is admitted and is charged
 * what it used when it ends, so that a window is never overdrawn. Windows follow each other without
 * overlap, counted from the epoch.
 *
 * @param tokens prompt and completion tokens, cached ones included; at least 1
 * @param window at least a millisecond
 */
public record TokenBudget(long tokens, Duration window) implements Serializable {

  public TokenBudget {
    Objects.requireNonNull(window, "window");
    if (tokens < 1) {
      throw new IllegalArgumentException("a token budget is " + tokens + "; it must be 1 or more");
    }
    if (window.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the window of a token budget is " + window + "; it must be 1 ms or more");
    }
  }
}
