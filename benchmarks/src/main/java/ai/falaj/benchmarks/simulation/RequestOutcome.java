package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import java.util.OptionalDouble;

/**
 * A request that has all its tokens.
 *
 * @param firstTokenNanos on the simulation's clock
 * @param lastTokenNanos on the simulation's clock
 */
record RequestOutcome(TraceRequest request, long firstTokenNanos, long lastTokenNanos) {

  RequestOutcome {
    if (firstTokenNanos <= request.arrivalNanos() || lastTokenNanos < firstTokenNanos) {
      throw new IllegalArgumentException(
          "request %d arrives at %d ns and has its first token at %d and its last at %d"
              .formatted(request.id(), request.arrivalNanos(), firstTokenNanos, lastTokenNanos));
    }
  }

  long timeToFirstTokenNanos() {
    return firstTokenNanos - request.arrivalNanos();
  }

  /** Mean time between its tokens; empty for a completion of one token. */
  OptionalDouble nanosPerToken() {
    int gaps = request.newTokens() - 1;
    return gaps == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) (lastTokenNanos - firstTokenNanos) / gaps);
  }
}
