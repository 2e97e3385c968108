package ai.falaj.operators;

/**
 * Stops asking an engine that fails every time, until a probe shows that it answers again. Requests
 * wait meanwhile, so that an outage uses up nobody's attempts. Confined to the task mailbox thread;
 * it has no clock of its own.
 *
 * <p>CLOSED, everything passes; after {@code failuresToOpen} failures without a success between
 * them OPEN, nothing passes; when the wait is over HALF_OPEN, one probe passes. Its success closes
 * the breaker, its failure opens it for twice as long, up to the longest wait.
 */
final class CircuitBreaker {

  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final CircuitBreakerPolicy policy;
  private State state = State.CLOSED;
  private int failures;
  private long waitMs;
  private long openUntilMs;
  private boolean probeIsOut;

  CircuitBreaker(CircuitBreakerPolicy policy) {
    this.policy = policy;
    this.waitMs = policy.firstWait().toMillis();
  }

  /**
   * Asks to pass. In HALF_OPEN the one that passes is the probe and must be followed by {@link
   * #succeeded}, {@link #failed} or {@link #probeUndecided}.
   */
  boolean tryPass(long nowMs) {
    if (state == State.OPEN && nowMs >= openUntilMs) {
      state = State.HALF_OPEN;
      probeIsOut = false;
    }
    if (state == State.HALF_OPEN && !probeIsOut) {
      probeIsOut = true;
      return true;
    }
    return state == State.CLOSED;
  }

  /** The engine answered, whoever asked. */
  void succeeded() {
    state = State.CLOSED;
    failures = 0;
    waitMs = policy.firstWait().toMillis();
  }

  /**
   * The engine failed.
   *
   * @param probe whether the probe failed; failures of requests that passed before it say nothing
   *     new
   */
  void failed(boolean probe, long nowMs) {
    if (state == State.CLOSED && policy.isEnabled() && ++failures >= policy.failuresToOpen()) {
      open(nowMs);
    } else if (state == State.HALF_OPEN && probe) {
      waitMs = Math.min(2 * waitMs, policy.longestWait().toMillis());
      open(nowMs);
    }
  }

  /** The probe ended for a reason of its own; the next one may pass. */
  void probeUndecided() {
    probeIsOut = false;
  }

  State state() {
    return state;
  }

  /** When something may pass again, in milliseconds since the epoch; only meaningful while OPEN. */
  long openUntilMs() {
    return openUntilMs;
  }

  private void open(long nowMs) {
    state = State.OPEN;
    openUntilMs = nowMs + waitMs;
  }
}
