package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/**
 * Says when a request, or one attempt of it, has taken longer than {@link Timeouts} allow. Confined
 * to the task mailbox thread. Of what ended before, nothing is said.
 */
final class RequestTimers {

  /** What took too long. */
  interface Expiry {
    /** The attempt that is RUNNING. */
    void onAttemptTimeout(ActiveRequest request) throws Exception;

    /** The request, which has not ENDED. */
    void onTotalTimeout(ActiveRequest request) throws Exception;
  }

  private final Timeouts timeouts;
  private final ProcessingTimeService timers;
  private final Expiry expiry;

  RequestTimers(Timeouts timeouts, ProcessingTimeService timers, Expiry expiry) {
    this.timeouts = timeouts;
    this.timers = timers;
    this.expiry = expiry;
  }

  /** The request was accepted or restored; its time began with its receipt. */
  void accepted(ActiveRequest request) {
    if (!timeouts.total().isZero()) {
      request.totalTimer =
          timers.registerTimer(
              request.receivedAtMs + timeouts.total().toMillis(),
              unused -> {
                if (request.state != State.ENDED) {
                  expiry.onTotalTimeout(request);
                }
              });
    }
  }

  /** An attempt went to the runtime. */
  void submitted(ActiveRequest request) {
    if (!timeouts.attempt().isZero()) {
      int attempt = request.attempt;
      request.attemptTimer =
          timers.registerTimer(
              request.submittedAtMs + timeouts.attempt().toMillis(),
              unused -> {
                if (request.state == State.RUNNING && request.attempt == attempt) {
                  expiry.onAttemptTimeout(request);
                }
              });
    }
  }

  /** The attempt has left the runtime. */
  void leftRuntime(ActiveRequest request) {
    if (request.attemptTimer != null) {
      request.attemptTimer.cancel(false);
      request.attemptTimer = null;
    }
  }
}
