package ai.falaj.runtime.llamacpp.crash;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often the engine crashed on each request: steps that failed in this process, and the journal
 * of processes that it ended.
 *
 * <pre>
 * CLEAR --crash--&gt; SUSPECT --crash--&gt; GUILTY
 *   ^                 |
 *   \----finished-----/
 * </pre>
 *
 * <p>What is more than a day old is forgotten, and of failed steps no more than {@link
 * #MAX_REQUESTS} requests are remembered, those that failed last. A journal that cannot be read
 * blames nobody. Confined to the decode thread.
 */
public final class CrashLedger {

  private static final Logger LOG = LoggerFactory.getLogger(CrashLedger.class);

  /** What one request may be blamed for. */
  public enum Verdict {
    /** It was in no crash. */
    CLEAR,
    /** It was in one, perhaps beside the one that caused it. */
    SUSPECT,
    /** It was in two. The second time it was computed alone, as a suspect is. */
    GUILTY
  }

  static final int MAX_REQUESTS = 10_000;

  private record Failures(int count, long lastMs) {}

  private final Optional<CrashJournal> journal;
  private final LongSupplier clockMs;

  /** By request id, the one that failed longest ago first. */
  private final LinkedHashMap<String, Failures> failures = new LinkedHashMap<>();

  private Map<String, Integer> journaled = Map.of();
  private OptionalLong journalVersion = OptionalLong.empty();

  /**
   * @param journal empty: processes that end are not remembered
   * @param clockMs milliseconds since the epoch
   */
  public CrashLedger(Optional<CrashJournal> journal, LongSupplier clockMs) {
    this.journal = journal;
    this.clockMs = clockMs;
  }

  /** What is known of a request, crashes of other processes included. */
  public Verdict verdict(String requestId) {
    readJournal();
    int crashes = journaled.getOrDefault(requestId, 0) + failedSteps(requestId);
    return crashes == 0 ? Verdict.CLEAR : crashes == 1 ? Verdict.SUSPECT : Verdict.GUILTY;
  }

  /** A step failed that computed this request. */
  public void stepFailed(String requestId) {
    int before = failedSteps(requestId);
    failures.remove(requestId);
    failures.put(requestId, new Failures(before + 1, clockMs.getAsLong()));
    if (failures.size() > MAX_REQUESTS) {
      failures.remove(failures.keySet().iterator().next());
    }
  }

  /** The engine computed the whole request. Nothing if it was no suspect. */
  public void finished(String requestId) {
    failures.remove(requestId);
    if (!journaled.containsKey(requestId)) {
      return;
    }
    try {
      journal.orElseThrow().forget(requestId);
      journalVersion = OptionalLong.empty();
    } catch (IOException e) {
      LOG.warn("Request {} is harmless, but the crash journal cannot be changed", requestId, e);
    }
  }

  /** Requests that failed steps are remembered of, for checks. */
  int remembered() {
    return failures.size();
  }

  private int failedSteps(String requestId) {
    Failures known = failures.get(requestId);
    if (known != null && known.lastMs() < clockMs.getAsLong() - CrashJournal.KEPT.toMillis()) {
      failures.remove(requestId);
      return 0;
    }
    return known == null ? 0 : known.count();
  }

  private void readJournal() {
    if (journal.isEmpty()) {
      return;
    }
    try {
      OptionalLong version = journal.get().version();
      if (version.isEmpty() || !version.equals(journalVersion)) {
        journaled = journal.get().crashes();
        journalVersion = version;
      }
    } catch (IOException e) {
      LOG.warn("The crash journal cannot be read; no request is suspected for it", e);
      journaled = Map.of();
    }
  }
}
