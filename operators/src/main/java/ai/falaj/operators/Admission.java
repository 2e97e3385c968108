package ai.falaj.operators;

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
    if (overloaded) {
      return false;
    }
    if (breaker.state() == CircuitBreaker.State.CLOSED) {
      return true;
    }
    request.isProbe = breaker.tryPass(timers.getCurrentProcessingTime());
    return request.isProbe;
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
    CircuitBreaker.State before = breaker.state();
    breaker.failed(request.isProbe, timers.getCurrentProcessingTime());
    request.isProbe = false;
    if (before != CircuitBreaker.State.OPEN && breaker.state() == CircuitBreaker.State.OPEN) {
      metrics.circuitOpened();
      setBreakerTimer();
    }
  }

  /** The request left the runtime in a way that says nothing of the engine. */
  void undecided(ActiveRequest request) {
    if (request.isProbe) {
      request.isProbe = false;
      breaker.probeUndecided();
    }
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
      timers.registerTimer(breaker.openUntilMs(), unused -> onBreakerTimer());
    }
  }

  private void onBreakerTimer() throws Exception {
    breakerTimerIsSet = false;
    if (breaker.state() == CircuitBreaker.State.OPEN
        && timers.getCurrentProcessingTime() < breaker.openUntilMs()) {
      // It closed and opened again since the timer was set.
      setBreakerTimer();
    } else {
      reopen();
    }
  }

  private void reopen() throws Exception {
    if (!closed) {
      reopening.onReopen();
    }
  }
}
