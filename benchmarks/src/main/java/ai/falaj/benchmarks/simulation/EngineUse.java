package ai.falaj.benchmarks.simulation;

import ai.falaj.benchmarks.simulation.cost.StepShape;

/**
 * What the engine did while requests arrived. What comes after the last arrival is left out: a
 * batch that only drains says nothing about a load. Confined to its simulation.
 */
final class EngineUse {

  private final long horizonNanos;
  private long steps;
  private long busyNanos;
  private double arithmeticNanos;
  private long generatedTokens;
  private long computedTokens;
  private long sequenceSteps;

  EngineUse(long horizonNanos) {
    this.horizonNanos = horizonNanos;
  }

  /** When the last request arrives. */
  long horizonNanos() {
    return horizonNanos;
  }

  void step(StepShape step, long endNanos, long durationNanos, double arithmetic) {
    if (endNanos > horizonNanos) {
      return;
    }
    steps++;
    busyNanos += durationNanos;
    arithmeticNanos += arithmetic;
    generatedTokens += step.samples();
    computedTokens += step.tokens();
    sequenceSteps += step.work().size();
  }

  Summary summary() {
    double horizon = Math.max(1, horizonNanos);
    return new Summary(
        steps,
        busyNanos / horizon,
        arithmeticNanos / horizon,
        generatedTokens * 1e9 / horizon,
        computedTokens * 1e9 / horizon,
        steps == 0 ? 0 : (double) sequenceSteps / steps);
  }

  /**
   * Shares and rates until the last request arrived.
   *
   * @param busyShare of the time, in which a step was computed
   * @param arithmeticShare of the time, that the arithmetic of all tokens needs at full speed
   * @param meanSequences of a step
   */
  record Summary(
      long steps,
      double busyShare,
      double arithmeticShare,
      double generatedTokensPerSecond,
      double computedTokensPerSecond,
      double meanSequences) {}
}
