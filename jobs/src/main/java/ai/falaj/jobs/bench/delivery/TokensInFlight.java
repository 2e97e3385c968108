package ai.falaj.jobs.bench.delivery;

import ai.falaj.benchmarks.paced.PacedSpec;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeStats;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many tokens the running requests of an engine had over time: what a checkpoint of that moment
 * has to hold. Confined to one thread.
 */
final class TokensInFlight {

  private final ModelRuntime runtime;
  private final int sequences;
  private final double capacity;
  private final NavigableMap<Long, Long> tokensAtMs = new TreeMap<>();
  private int mostRequests;

  TokensInFlight(PacedSpec engine, ModelRuntime runtime) {
    this.runtime = runtime;
    this.sequences = engine.maxSequences();
    this.capacity = (double) engine.maxSequences() * engine.contextTokens();
  }

  /** Looks once. */
  void sample() {
    RuntimeStats stats = runtime.stats();
    boolean full = stats.requestsRunning() == sequences;
    tokensAtMs.put(
        System.currentTimeMillis(), full ? Math.round(stats.kvCacheUsage() * capacity) : 0);
    mostRequests = Math.max(mostRequests, stats.requestsRunning() + stats.requestsWaiting());
  }

  /**
   * At the latest look before a time, in milliseconds since the epoch; 0 before the first, and
   * while not all sequences ran, when prompts that are still to come would blur the picture.
   */
  long at(long timeMs) {
    Map.Entry<Long, Long> before = tokensAtMs.floorEntry(timeMs);
    return before == null ? 0 : before.getValue();
  }

  /** Most requests that were in the engine at a look, running or waiting there. */
  int mostRequests() {
    return mostRequests;
  }
}
