package ai.falaj.runtime.breaker;

/**
 * Stops asking an engine or a server that fails every time, until a probe shows that it answers
 * again.
 *
 * <p>CLOSED, everything passes; after so many failures without a success between them OPEN, nothing
 * passes; when the wait is over HALF_OPEN, one probe passes. Its success closes the breaker, its
 * failure opens it for twice as long, up to the longest wait. A probe that ended for a reason of
 * its own (cancelled, a bad request) lets the next one pass.
 *
 * <p>Confined to one thread. It has no clock of its own: times are nanoseconds of any one clock.
 */
public final class CircuitBreaker {

  private enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final CircuitBreakerPolicy policy;
  private State state = State.CLOSED;
  private int failures;
  private long waitNanos;
  private long openUntilNanos;
  private boolean probeIsOut;

  public CircuitBreaker(CircuitBreakerPolicy policy) {
    this.policy = policy;
    this.waitNanos = policy.firstWait().toNanos();
  }

  /**
   * How long until something may pass; 0 where it may now. While a probe is out nobody knows; that
   * is when to ask again.
   */
  public long nanosUntilPass(long nowNanos) {
    return switch (state) {
      case CLOSED -> 0;
      case OPEN -> Math.max(0, openUntilNanos - nowNanos);
      case HALF_OPEN -> probeIsOut ? policy.firstWait().toNanos() : 0;
    };
  }

  /**
   * Notes that a request passes, which must be followed by {@link #succeeded}, {@link #failed} or
   * {@link #undecided}.
   *
   * @return whether it is the probe
   */
  public boolean pass() {
    if (state == State.CLOSED) {
      return false;
    }
    state = State.HALF_OPEN;
    probeIsOut = true;
    return true;
  }

  /** There was an answer, whoever asked. */
  public void succeeded() {
    state = State.CLOSED;
    failures = 0;
    waitNanos = policy.firstWait().toNanos();
  }

  /**
   * A request failed, and not because of what it asked.
   *
   * @param probe whether the probe failed; failures of requests that passed before it say nothing
   *     new
   * @return whether this opened the breaker
   */
  public boolean failed(boolean probe, long nowNanos) {
    if (state == State.CLOSED && policy.isEnabled() && ++failures >= policy.failuresToOpen()) {
      return open(nowNanos);
    }
    if (state == State.HALF_OPEN && probe) {
      waitNanos = Math.min(2 * waitNanos, policy.longestWait().toNanos());
      return open(nowNanos);
    }
    return false;
  }

  /** A request ended in a way that says nothing of who was asked. */
  public void undecided(boolean probe) {
    if (probe) {
      probeIsOut = false;
    }
  }

  public boolean isClosed() {
    return state == State.CLOSED;
  }

  private boolean open(long nowNanos) {
    state = State.OPEN;
    probeIsOut = false;
    openUntilNanos = nowNanos + waitNanos;
    return true;
  }
}
