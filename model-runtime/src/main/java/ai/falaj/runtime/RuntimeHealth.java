package ai.falaj.runtime;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a runtime can serve.
 *
 * @param reason in one line where it cannot, or not as usual; empty otherwise
 * @param sinceLastStep how long ago the engine computed last; absent where it is not known or has
 *     not computed yet. Long with requests running means that it hangs
 */
public record RuntimeHealth(State state, String reason, Optional<Duration> sinceLastStep) {

  /** Serves, and knows no more of itself. */
  public static final RuntimeHealth READY = new RuntimeHealth(State.READY, "", Optional.empty());

  public RuntimeHealth {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(sinceLastStep, "sinceLastStep");
  }

  /** What it does with requests. */
  public enum State {
    /** No model is loaded yet; requests wait. */
    LOADING,
    /** Requests are served. */
    READY,
    /** What it holds is served to its end; new requests wait for another model. */
    DRAINING,
    /** Nothing is served at this moment, and it may be again: requests are refused meanwhile. */
    UNAVAILABLE,
    /** Nothing is served, and nothing will be: it was closed, or its engine died. */
    FAILED
  }

  public static RuntimeHealth failed(String reason) {
    return new RuntimeHealth(State.FAILED, reason, Optional.empty());
  }

  public static RuntimeHealth unavailable(String reason) {
    return new RuntimeHealth(State.UNAVAILABLE, reason, Optional.empty());
  }

  public static RuntimeHealth draining(String reason) {
    return new RuntimeHealth(State.DRAINING, reason, Optional.empty());
  }
}
