package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;

/**
 * How far one request is. Waiting until it has begun, then running until it has all its tokens.
 * Confined to its simulation.
 */
final class RequestProgress {

  private final TraceRequest request;
  private boolean begun;
  private int computedTokens;
  private int generatedTokens;
  private long firstTokenNanos;
  private long lastTokenNanos;

  RequestProgress(TraceRequest request) {
    this.request = request;
  }

  TraceRequest request() {
    return request;
  }

  /** Returns whether this is the first step of the request. */
  boolean begin() {
    boolean first = !begun;
    begun = true;
    return first;
  }

  /**
   * Follows the positions: forward without a hole, anywhere from what is computed (a shared prefix
   * begins later than 0, one that was preempted begins again), and a token is chosen exactly when
   * all that is known is computed.
   */
  void compute(StepShape.Work work) {
    int known = request.promptTokens() + generatedTokens;
    int end = work.position() + work.tokenCount();
    boolean hole = computedTokens > 0 && work.position() > computedTokens;
    if (hole || end > known || work.samples() != (end == known)) {
      throw new IllegalStateException(
          "request %d knows %d tokens, has %d computed and gets %s"
              .formatted(request.id(), known, computedTokens, work));
    }
    computedTokens = end;
  }

  void token(long nowNanos, GapRecorder gaps) {
    if (generatedTokens == 0) {
      firstTokenNanos = nowNanos;
    } else {
      gaps.add(nowNanos - lastTokenNanos);
    }
    lastTokenNanos = nowNanos;
    generatedTokens++;
  }

  boolean isFinished() {
    return generatedTokens == request.newTokens();
  }

  RequestOutcome outcome() {
    return new RequestOutcome(request, firstTokenNanos, lastTokenNanos);
  }
}
