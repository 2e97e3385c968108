package ai.falaj.benchmarks.simulation;

import java.util.List;

/**
 * What a simulation saw.
 *
 * @param outcomes in order of their ends
 * @param sortedGapNanos all times between two tokens of a request, smallest first
 */
record SimulationResult(
    List<RequestOutcome> outcomes,
    long[] sortedGapNanos,
    EngineUse.Summary use,
    TenantShares.Summary shares) {

  SimulationResult {
    outcomes = List.copyOf(outcomes);
  }
}
