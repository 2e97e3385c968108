package ai.falaj.benchmarks.simulation.cost;

import ai.falaj.runtime.llamacpp.KvLayout;

/** Durations of steps on one machine. Immutable. */
public final class StepCostModel {

  private final StepCosts costs;
  private final GraphSplitter splitter;

  /**
   * @param microBatchTokens most tokens of a graph
   */
  public StepCostModel(StepCosts costs, KvLayout layout, int microBatchTokens) {
    if (microBatchTokens < 1) {
      throw new IllegalArgumentException(
          "a micro batch has " + microBatchTokens + " tokens; it must have 1 or more");
    }
    this.costs = costs;
    this.splitter = new GraphSplitter(layout, microBatchTokens);
  }

  /** How long the engine takes for a step; at least a nanosecond for one that computes. */
  public long nanos(StepShape step) {
    if (step.isIdle()) {
      return 0;
    }
    double nanos = costs.besideGraphsNanos(step);
    for (Graph graph : splitter.split(step)) {
      nanos += costs.graphNanos(graph);
    }
    return Math.max(1, Math.round(nanos));
  }

  /** What of a step is arithmetic: its duration if memory and overhead cost nothing. */
  public double arithmeticNanos(StepShape step) {
    double nanos = step.tokens() * costs.perToken();
    for (Graph graph : splitter.split(step)) {
      nanos += graph.attendedEntries() * costs.perAttendedEntry();
    }
    return nanos;
  }
}
