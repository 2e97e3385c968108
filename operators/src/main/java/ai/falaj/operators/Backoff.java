package ai.falaj.operators;

import ai.falaj.operators.ActiveRequest.State;
import ai.falaj.runtime.GenerationException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds requests in BACKING_OFF between a failure and the next attempt: exponentially longer, with
 * jitter, and at least as long as the server asks. Confined to the task mailbox thread. A request
 * that ends meanwhile has its timer cancelled.
 */
final class Backoff {

  /** Called when a request has waited. */
  interface Resubmission {
    void resubmit(ActiveRequest request) throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Backoff.class);

  private final RetryPolicy policy;
  private final ProcessingTimeService timers;
  private final RandomGenerator random;
  private final Resubmission resubmission;

  Backoff(
      RetryPolicy policy,
      ProcessingTimeService timers,
      RandomGenerator random,
      Resubmission resubmission) {
    this.policy = policy;
    this.timers = timers;
    this.random = random;
    this.resubmission = resubmission;
  }

  /** Whether a request that failed as often as this one is tried again. */
  boolean allowsAnother(ActiveRequest request) {
    return policy.allowsAfter(request.failures);
  }

  /** The request waits, and then goes to the {@link Resubmission}. */
  void begin(ActiveRequest request, GenerationException failure) {
    long waitMs =
        Math.max(
            policy.backoffMs(request.failures, random),
            failure.retryAfter().map(Duration::toMillis).orElse(0L));
    LOG.warn(
        "Generation failed with {}, next attempt in {} ms: {}", failure.code(), waitMs, request);
    request.state = State.BACKING_OFF;
    request.retryTimer =
        timers.registerTimer(
            timers.getCurrentProcessingTime() + waitMs, unused -> onTimer(request));
  }

  private void onTimer(ActiveRequest request) throws Exception {
    if (request.state == State.BACKING_OFF) {
      resubmission.resubmit(request);
    }
  }
}
