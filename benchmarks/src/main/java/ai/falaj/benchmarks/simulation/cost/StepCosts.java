package ai.falaj.benchmarks.simulation.cost;

/**
 * What the parts of a step cost, in nanoseconds.
 *
 * <p>A graph costs its overhead, then its matrix products, then its attention, which run one after
 * the other: each costs what memory or arithmetic needs, whichever is longer (the roofline model,
 * Williams et al., CACM 2009).
 *
 * @param perGraph launching one graph, and everything else that depends on no size
 * @param perWeightRead reading all weights once
 * @param perToken the matrix products of one token
 * @param perKvEntryRead reading the keys and values of one token in all layers
 * @param perAttendedEntry attention of one token to one entry in all layers
 * @param perSample choosing one token from its logits
 * @param perCopiedEntry copying the keys and values of one token
 */
public record StepCosts(
    double perGraph,
    double perWeightRead,
    double perToken,
    double perKvEntryRead,
    double perAttendedEntry,
    double perSample,
    double perCopiedEntry) {

  public StepCosts {
    for (double cost :
        new double[] {
          perGraph,
          perWeightRead,
          perToken,
          perKvEntryRead,
          perAttendedEntry,
          perSample,
          perCopiedEntry
        }) {
      if (!(cost >= 0 && cost < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("a cost is " + cost + " ns; it must be 0 or more");
      }
    }
  }

  double productNanos(Graph graph) {
    return Math.max(perWeightRead, graph.tokens() * perToken);
  }

  double attentionNanos(Graph graph) {
    return Math.max(
        graph.kvEntriesRead() * perKvEntryRead, graph.attendedEntries() * perAttendedEntry);
  }

  double graphNanos(Graph graph) {
    return perGraph + productNanos(graph) + attentionNanos(graph);
  }

  /** What a step costs beside its graphs. */
  double besideGraphsNanos(StepShape step) {
    return step.samples() * perSample + step.copiedEntries() * perCopiedEntry;
  }
}
