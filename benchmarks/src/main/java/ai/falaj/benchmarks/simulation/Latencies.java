package ai.falaj.benchmarks.simulation;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Latencies of requests, in milliseconds.
 *
 * @param requests whose latencies these are
 * @param ttftP50Ms time to first token, from arrival
 * @param ttftP99Ms time to first token, from arrival
 * @param tpotP50Ms mean time per output token of a request, after its first
 * @param tpotP99Ms mean time per output token of a request, after its first
 */
public record Latencies(
    int requests, double ttftP50Ms, double ttftP99Ms, double tpotP50Ms, double tpotP99Ms) {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MEDIAN = 0.5;
  private static final double P99 = 0.99;

  static Latencies of(List<RequestOutcome> outcomes) {
    long[] ttft =
        outcomes.stream().mapToLong(RequestOutcome::timeToFirstTokenNanos).sorted().toArray();
    double[] tpot =
        outcomes.stream()
            .map(RequestOutcome::nanosPerToken)
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .sorted()
            .toArray();
    return new Latencies(
        outcomes.size(),
        Percentiles.of(ttft, MEDIAN) / NANOS_PER_MILLI,
        Percentiles.of(ttft, P99) / NANOS_PER_MILLI,
        Percentiles.of(tpot, MEDIAN) / NANOS_PER_MILLI,
        Percentiles.of(tpot, P99) / NANOS_PER_MILLI);
  }
}
