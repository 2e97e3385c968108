package ai.falaj.operators;

import ai.falaj.runtime.breaker.CircuitBreaker;
import ai.falaj.runtime.breaker.CircuitBreakerPolicy;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/**
 * Whether requests may go to the runtime at this moment: not while it is full, and not while its
 * circuit breaker is open. Confined to the task mailbox thread.
 */
final class Admission {

  /** Called when requests may go again. */
  interface Reopening {
    void onReopen() throws Exception;
  }

  /** How long to wait for room in a shared runtime that others filled. */
  private static final long OVERLOAD_RETRY_MS = 50;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final ProcessingTimeService timers;
  private final CircuitBreaker breaker;
  private final InferenceMetrics metrics;
  private final Reopening reopening;

  /** Since the runtime refused a request, until something suggests that it has room again. */
  private boolean overloaded;

  private boolean overloadTimerIsSet;
  private boolean breakerTimerIsSet;
  private boolean closed;

  Admission(
      ProcessingTimeService timers,
      CircuitBreakerPolicy policy,
      InferenceMetrics metrics,
      Reopening reopening) {
    this.timers = timers;
    this.breaker = new CircuitBreaker(policy);
    this.metrics = metrics;
    this.reopening = reopening;
  }

  /**
   * Asks for one submission.
   *
   * @return whether the request may go now; if not, {@link Reopening} says when to ask again
   */
  boolean tryEnter(ActiveRequest request) {
    if (overloaded || breaker.nanosUntilPass(nowNanos()) > 0) {
      return false;
    }
    request.isProbe = breaker.pass();
    return true;
  }

  /** The runtime has no room. */
  void overloaded(ActiveRequest request) {
    metrics.overloaded();
    undecided(request);
    overloaded = true;
    if (!overloadTimerIsSet) {
      overloadTimerIsSet = true;
      timers.registerTimer(
          timers.getCurrentProcessingTime() + OVERLOAD_RETRY_MS, unused -> onOverloadTimer());
    }
  }

  /** The engine generates. */
  void succeeded(ActiveRequest request) {
    request.isProbe = false;
    breaker.succeeded();
  }

  /** The engine failed, and not because of what it was asked. */
  void failed(ActiveRequest request) {
    boolean opened = breaker.failed(request.isProbe, nowNanos());
    request.isProbe = false;
    if (opened) {
      metrics.circuitOpened();
      setBreakerTimer();
    }
  }

  /** The request left the runtime in a way that says nothing of the engine. */
  void undecided(ActiveRequest request) {
    breaker.undecided(request.isProbe);
    request.isProbe = false;
  }

  /** A request left the runtime: it may have room again. */
  void roomMayBeFree() {
    overloaded = false;
  }

  void close() {
    closed = true;
  }

  private void onOverloadTimer() throws Exception {
    overloadTimerIsSet = false;
    overloaded = false;
    reopen();
  }

  private void setBreakerTimer() {
    if (!breakerTimerIsSet) {
      breakerTimerIsSet = true;
      // Waits that are no whole milliseconds end a little early; the timer is then set again.
      long waitMs = Math.max(1, breaker.nanosUntilPass(nowNanos()) / NANOS_PER_MILLI);
      timers.registerTimer(timers.getCurrentProcessingTime() + waitMs, unused -> onBreakerTimer());
    }
  }

  private void onBreakerTimer() throws Exception {
    breakerTimerIsSet = false;
    if (!closed && breaker.nanosUntilPass(nowNanos()) > 0) {
      // A probe is out, or the breaker closed and opened again since the timer was set.
      setBreakerTimer();
    } else {
      reopen();
    }
  }

  private long nowNanos() {
    return timers.getCurrentProcessingTime() * NANOS_PER_MILLI;
  }

  private void reopen() throws Exception {
    if (!closed) {
      reopening.onReopen();
    }
  }
}
