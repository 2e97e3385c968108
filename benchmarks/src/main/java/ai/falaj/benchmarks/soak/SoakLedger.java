package ai.falaj.benchmarks.soak;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.RuntimeErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts what became of all requests, and keeps the first violations of what the API promises. Any
 * thread.
 */
final class SoakLedger {

  private static final int MAX_VIOLATIONS = 20;

  /** Guarded by {@code this}, as everything below. */
  private final Map<FinishReason, Long> finished = new TreeMap<>();

  private final Map<RuntimeErrorCode, Long> failed = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private long submitted;
  private long refused;
  private long tokens;
  private long violationCount;

  synchronized void submitted() {
    submitted++;
  }

  /** The runtime did not take it; its listener will hear nothing. */
  synchronized void refused() {
    refused++;
  }

  synchronized void finished(FinishReason reason, long generatedTokens) {
    finished.merge(reason, 1L, Long::sum);
    tokens += generatedTokens;
  }

  synchronized void failed(RuntimeErrorCode code) {
    failed.merge(code, 1L, Long::sum);
  }

  synchronized void violation(String what) {
    violationCount++;
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add(what);
    }
  }

  synchronized Totals totals() {
    return new Totals(
        submitted,
        refused,
        new TreeMap<>(finished),
        new TreeMap<>(failed),
        tokens,
        violationCount,
        List.copyOf(violations));
  }

  /**
   * What the ledger holds.
   *
   * @param submitted requests that the runtime took
   * @param refused requests that it did not take
   * @param finished requests with a result, by its first sample's reason
   * @param failed requests without one, by code
   * @param firstViolations at most {@value SoakLedger#MAX_VIOLATIONS} of them, in words
   */
  record Totals(
      long submitted,
      long refused,
      Map<FinishReason, Long> finished,
      Map<RuntimeErrorCode, Long> failed,
      long tokens,
      long violations,
      List<String> firstViolations) {

    long ended() {
      return sum(finished) + sum(failed);
    }

    private static long sum(Map<?, Long> counts) {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
