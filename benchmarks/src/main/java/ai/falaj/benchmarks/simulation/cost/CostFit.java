package ai.falaj.benchmarks.simulation.cost;

import ai.falaj.runtime.llamacpp.KvLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Costs that explain measured steps.
 *
 * <p>Once it is known of each graph whether memory or arithmetic bounds its products and its
 * attention, a step's duration is linear in the costs, and least squares with non-negative
 * coefficients find them; once the costs are known, so are the bounds. The fit alternates between
 * both until neither changes (Magnani and Boyd, "Convex piecewise-linear fitting", 2009), from
 * several first guesses, and keeps the best. Errors are relative, so that a decode step counts as
 * much as a long prefill.
 *
 * @param costs in nanoseconds
 * @param points every sample with what the costs say of it, in the order of the samples
 * @param meanError mean of the relative errors
 * @param maxError largest relative error
 */
public record CostFit(StepCosts costs, List<FitPoint> points, double meanError, double maxError) {

  /** One sample, measured and explained. */
  public record FitPoint(
      int sequences, int tokens, int contextTokens, long measuredNanos, long fittedNanos) {

    double relativeError() {
      return Math.abs(fittedNanos - measuredNanos) / (double) measuredNanos;
    }
  }

  private static final int COEFFICIENTS = 7;
  private static final int MAX_ROUNDS = 50;

  /** First guesses: graphs of at most as many tokens are bound by memory. */
  private static final int[] FIRST_MEMORY_BOUND_TOKENS = {0, 1, 2, 4, 8, 16, 32, 64, 128};

  public CostFit {
    points = List.copyOf(points);
  }

  /**
   * @param samples at least as many as there are costs
   */
  public static CostFit of(List<StepSample> samples, KvLayout layout, int microBatchTokens) {
    if (samples.size() < COEFFICIENTS) {
      throw new IllegalArgumentException(
          "%d samples cannot tell %d costs apart".formatted(samples.size(), COEFFICIENTS));
    }
    List<Observation> observations = new ArrayList<>();
    GraphSplitter splitter = new GraphSplitter(layout, microBatchTokens);
    for (StepSample sample : samples) {
      observations.add(new Observation(sample, splitter.split(sample.shape())));
    }
    CostFit best = null;
    for (int tokens : FIRST_MEMORY_BOUND_TOKENS) {
      for (boolean attentionIsMemoryBound : new boolean[] {true, false}) {
        Bounds guess =
            new Bounds(graph -> graph.tokens() <= tokens, graph -> attentionIsMemoryBound);
        CostFit fit = alternate(observations, guess);
        if (best == null || fit.meanError < best.meanError) {
          best = fit;
        }
      }
    }
    return best;
  }

  private record Observation(StepSample sample, List<Graph> graphs) {}

  @FunctionalInterface
  private interface GraphTest {
    boolean test(Graph graph);
  }

  /** Which graphs memory bounds, in their products and in their attention. */
  private record Bounds(GraphTest products, GraphTest attention) {

    static Bounds of(StepCosts costs) {
      return new Bounds(
          graph -> costs.perWeightRead() >= graph.tokens() * costs.perToken(),
          graph ->
              graph.kvEntriesRead() * costs.perKvEntryRead()
                  >= graph.attendedEntries() * costs.perAttendedEntry());
    }
  }

  private static CostFit alternate(List<Observation> observations, Bounds guess) {
    Bounds bounds = guess;
    CostFit best = null;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      StepCosts costs = solve(observations, bounds);
      CostFit fit = judge(observations, costs);
      if (best != null && fit.meanError >= best.meanError) {
        return best;
      }
      best = fit;
      bounds = Bounds.of(costs);
    }
    return best;
  }

  private static StepCosts solve(List<Observation> observations, Bounds bounds) {
    List<double[]> rows = new ArrayList<>();
    double[] targets = new double[observations.size()];
    for (int index = 0; index < targets.length; index++) {
      Observation observation = observations.get(index);
      double[] row = row(observation, bounds);
      for (int column = 0; column < row.length; column++) {
        row[column] /= observation.sample().nanos();
      }
      rows.add(row);
      targets[index] = 1;
    }
    double[] found = NonNegativeLeastSquares.solve(rows, targets);
    return new StepCosts(found[0], found[1], found[2], found[3], found[4], found[5], found[6]);
  }

  /** How often each cost is in a step, in the order of {@link StepCosts}. */
  private static double[] row(Observation observation, Bounds bounds) {
    double[] row = new double[COEFFICIENTS];
    for (Graph graph : observation.graphs()) {
      row[0] += 1;
      if (bounds.products().test(graph)) {
        row[1] += 1;
      } else {
        row[2] += graph.tokens();
      }
      if (bounds.attention().test(graph)) {
        row[3] += graph.kvEntriesRead();
      } else {
        row[4] += graph.attendedEntries();
      }
    }
    row[5] = observation.sample().shape().samples();
    row[6] = observation.sample().shape().copiedEntries();
    return row;
  }

  private static CostFit judge(List<Observation> observations, StepCosts costs) {
    List<FitPoint> points = new ArrayList<>();
    for (Observation observation : observations) {
      StepShape shape = observation.sample().shape();
      double nanos = costs.besideGraphsNanos(shape);
      for (Graph graph : observation.graphs()) {
        nanos += costs.graphNanos(graph);
      }
      points.add(
          new FitPoint(
              shape.work().size(),
              shape.tokens(),
              shape.work().stream().mapToInt(StepShape.Work::contextTokens).max().orElseThrow(),
              observation.sample().nanos(),
              Math.round(nanos)));
    }
    return new CostFit(
        costs,
        points,
        points.stream().mapToDouble(FitPoint::relativeError).average().orElseThrow(),
        points.stream().mapToDouble(FitPoint::relativeError).max().orElseThrow());
  }
}
