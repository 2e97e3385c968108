package ai.falaj.benchmarks.soak;

import ai.falaj.benchmarks.report.Machine;
import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The ledger of a soak.
 *
 * @param seconds that it took
 * @param cycles runtimes that were opened and closed
 * @param abruptCloses how many of them in the middle of the traffic
 * @param submitted requests that the runtimes took
 * @param refused requests that found the waiting queue full
 * @param finished requests with a result, by its reason
 * @param failed requests without one, by code
 * @param tokens generated
 * @param violations of what the API promises
 * @param firstViolations the first of them, in words
 * @param memoryJudged whether there were enough samples to tell whether memory grows
 * @param leaks what is left behind, in words
 * @param samples taken between two runtimes
 */
public record SoakReport(
    long seed,
    String model,
    Machine machine,
    double seconds,
    int cycles,
    int abruptCloses,
    long submitted,
    long refused,
    Map<FinishReason, Long> finished,
    Map<RuntimeErrorCode, Long> failed,
    long tokens,
    long violations,
    List<String> firstViolations,
    boolean memoryJudged,
    List<String> leaks,
    List<Sample> samples) {

  /** What the process held; null where the system does not tell. */
  public record Sample(double second, Long residentBytes, Long nativeBytes, List<String> threads) {

    static Sample of(ResourceSample sample) {
      return new Sample(
          sample.second(),
          orNull(sample.residentBytes()),
          orNull(sample.nativeBytes()),
          sample.threads());
    }

    private static Long orNull(OptionalLong value) {
      return value.isPresent() ? value.getAsLong() : null;
    }
  }

  /** Whether every request ended once and as it should, and nothing is left behind. */
  public boolean passed() {
    return violations == 0 && leaks.isEmpty();
  }

  /** One line. */
  public String verdict() {
    if (passed()) {
      return "passed: %d requests in %d runtimes, each ended once; %s"
          .formatted(
              submitted,
              cycles,
              memoryJudged
                  ? "nothing is left behind"
                  : "too few runtimes to tell whether memory grows");
    }
    return "FAILED: %d violations %s, leaks %s (seed %d)"
        .formatted(violations, firstViolations, leaks, seed);
  }
}
