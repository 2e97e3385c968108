package ai.falaj.runtime.remote.limits;

import java.io.Serializable;
import java.time.Duration;

/**
 * Stops asking an endpoint that fails every time, until a probe shows that it answers again.
 *
 * <p>CLOSED, everything passes; after so many failures without a success between them OPEN, nothing
 * passes; when the wait is over HALF_OPEN, one probe passes. Its success closes the breaker, its
 * failure opens it for twice as long, up to the longest wait. A probe that ended for a reason of
 * its own (cancelled, a bad request) lets the next one pass.
 */
public final class CircuitBreaker {

  /**
   * When it opens and how long it stays open.
   *
   * @param failures without a success between them
   */
  public record Settings(int failures, Duration firstWait, Duration longestWait)
      implements Serializable {

    private static final long serialVersionUID = 1L;

    public static final Settings DEFAULT =
        new Settings(5, Duration.ofSeconds(1), Duration.ofSeconds(30));

    public Settings {
      if (failures < 1
          || firstWait.isNegative()
          || firstWait.isZero()
          || longestWait.compareTo(firstWait) < 0) {
        throw new IllegalArgumentException(
            "the breaker opens after %d failures for %s to %s; it must be 1 or more, and the first wait above 0 and at most the longest"
                .formatted(failures, firstWait, longestWait));
      }
    }
  }

  private enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final Settings settings;
  private State state = State.CLOSED;
  private int failures;
  private long waitNanos;
  private long openUntilNanos;
  private boolean probeIsOut;

  public CircuitBreaker(Settings settings) {
    this.settings = settings;
    this.waitNanos = settings.firstWait().toNanos();
  }

  /** How long until something may pass; 0 where it may now. */
  public long nanosUntilPass(long nowNanos) {
    return switch (state) {
      case CLOSED -> 0;
      case OPEN -> Math.max(0, openUntilNanos - nowNanos);
      case HALF_OPEN -> probeIsOut ? settings.firstWait().toNanos() : 0;
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

  /** The endpoint answered, whoever asked. */
  public void succeeded() {
    state = State.CLOSED;
    failures = 0;
    waitNanos = settings.firstWait().toNanos();
  }

  /**
   * The endpoint failed.
   *
   * @param probe whether the probe failed; failures of requests that passed before it say nothing
   *     new
   * @return whether this opened the breaker
   */
  public boolean failed(boolean probe, long nowNanos) {
    if (state == State.CLOSED && ++failures >= settings.failures()) {
      return open(nowNanos);
    }
    if (state == State.HALF_OPEN && probe) {
      waitNanos = Math.min(2 * waitNanos, settings.longestWait().toNanos());
      return open(nowNanos);
    }
    return false;
  }

  /** A request ended in a way that says nothing of the endpoint. */
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
