package ai.falaj.jobs.size;

import ai.falaj.benchmarks.simulation.cost.StepCosts;
import ai.falaj.jobs.size.Speed.Bound;
import java.util.EnumMap;
import java.util.Map;

/**
 * The roofline (Williams et al., CACM 2009) of an engine that batches per iteration and mixes
 * prompts into its steps: a step writes one token of each sequence and, so that as many records
 * begin as end, reads as many prompt tokens per written one as the load has. Its products take what
 * arithmetic or reading the weights takes, its attention what arithmetic or reading the entries
 * takes, one after the other. Stateless.
 */
final class SpeedModel {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MS = 1e6;

  private final StepCosts costs;
  private final int graphTokens;

  /**
   * @param graphTokens tokens that are computed with one reading of the weights, at most
   */
  SpeedModel(StepCosts costs, int graphTokens) {
    this.costs = costs;
    this.graphTokens = graphTokens;
  }

  Speed of(Workload load, int sequences) {
    double newPerWritten = load.newPromptTokens() / load.completionTokens();
    Map<Bound, Double> step = step(load, sequences, newPerWritten);
    double nanos = sum(step);
    double written = sequences * NANOS_PER_SECOND / nanos;
    double firstTokenNanos = firstTokenNanos(load);
    return new Speed(
        sequences,
        nanos / NANOS_PER_MS,
        largest(step),
        written / load.completionTokens(),
        written,
        sequences * NANOS_PER_SECOND / sum(step(load, sequences, 0)),
        load.newPromptTokens() * NANOS_PER_SECOND / firstTokenNanos,
        firstTokenNanos / NANOS_PER_MS,
        load.completionTokens() * nanos / NANOS_PER_SECOND);
  }

  /** Nanoseconds of a step by what they go into. */
  private Map<Bound, Double> step(Workload load, int sequences, double newPerWritten) {
    double tokens = sequences * (1 + newPerWritten);
    double graphs = Math.max(1, tokens / graphTokens);
    Map<Bound, Double> nanos = new EnumMap<>(Bound.class);
    double reading = graphs * costs.perWeightRead();
    double multiplying = tokens * costs.perToken();
    nanos.put(
        reading > multiplying ? Bound.WEIGHTS : Bound.ARITHMETIC, Math.max(reading, multiplying));
    double entries = sequences * load.meanContextTokens();
    double attended = entries + sequences * newPerWritten * meanPrefillContext(load);
    nanos.put(
        Bound.ATTENTION,
        Math.max(entries * costs.perKvEntryRead(), attended * costs.perAttendedEntry()));
    nanos.put(Bound.OVERHEAD, graphs * costs.perGraph() + sequences * costs.perSample());
    return nanos;
  }

  private double firstTokenNanos(Workload load) {
    double tokens = load.newPromptTokens();
    double graphs = Math.max(1, tokens / graphTokens);
    return graphs * costs.perGraph()
        + Math.max(graphs * costs.perWeightRead(), tokens * costs.perToken())
        + tokens * meanPrefillContext(load) * costs.perAttendedEntry()
        + costs.perSample();
  }

  /** Entries that a new prompt token looks at: the cached ones, and half of the new ones. */
  private static double meanPrefillContext(Workload load) {
    return load.promptTokens() - load.newPromptTokens() / 2;
  }

  private static double sum(Map<Bound, Double> nanos) {
    return nanos.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static Bound largest(Map<Bound, Double> nanos) {
    return nanos.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }
}
