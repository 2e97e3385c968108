package ai.falaj.jobs.dashboard.state;

import ai.falaj.jobs.dashboard.view.Names;
import ai.falaj.jobs.dashboard.view.TenantsView.Minute;
import ai.falaj.jobs.dashboard.view.TenantsView.Tenant;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.Usage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Tenants by what they used. Clients choose the names, so beyond {@value #MOST_TENANTS} of them the
 * later ones share a row. Not thread-safe.
 */
final class TenantTable {

  static final String OTHERS = "(other)";
  static final String NOBODY = "";
  static final int MOST_TENANTS = 200;

  private static final long MINUTE_MS = 60_000;
  private static final int MINUTES = 60;

  private final Map<String, Tally> tenants = new HashMap<>();

  private static final class Tally {
    private final NavigableMap<Long, long[]> minutes = new TreeMap<>();
    private long requests;
    private long deadLetters;
    private long promptTokens;
    private long cachedTokens;
    private long reasoningTokens;
    private long completionTokens;
    private Long lastMs;

    void at(long timeMs) {
      lastMs = lastMs == null ? timeMs : Math.max(lastMs, timeMs);
    }
  }

  void add(Completion completion) {
    Tally tally = tally(completion.getTenant());
    Usage usage = completion.getUsage();
    long completedMs = completion.getCompletedAt().toEpochMilli();
    tally.requests++;
    tally.promptTokens += usage.getPromptTokens();
    tally.cachedTokens += usage.getCachedTokens();
    tally.reasoningTokens += usage.getReasoningTokens();
    tally.completionTokens += usage.getCompletionTokens();
    tally.at(completedMs);
    long[] minute =
        tally.minutes.computeIfAbsent(
            Math.floorDiv(completedMs, MINUTE_MS) * MINUTE_MS, start -> new long[2]);
    minute[0]++;
    minute[1] += (long) usage.getPromptTokens() + usage.getCompletionTokens();
    while (tally.minutes.firstKey() <= tally.minutes.lastKey() - MINUTES * MINUTE_MS) {
      tally.minutes.pollFirstEntry();
    }
  }

  /**
   * @param tenant of the letter's request, where that is known: a letter names none
   */
  void addDeadLetter(long failedMs, Optional<String> tenant) {
    Tally tally = tally(tenant.orElse(null));
    tally.deadLetters++;
    tally.at(failedMs);
  }

  /** Gives a dead letter of nobody to the tenant that it turned out to be of. */
  void attributeDeadLetter(long failedMs, Optional<String> tenant) {
    Tally nobody = tenants.get(NOBODY);
    if (tenant.isEmpty() || nobody == null || nobody.deadLetters == 0) {
      return;
    }
    nobody.deadLetters--;
    if (nobody.deadLetters == 0 && nobody.requests == 0) {
      tenants.remove(NOBODY);
    }
    addDeadLetter(failedMs, tenant);
  }

  private Tally tally(String name) {
    String tenant = name == null ? NOBODY : Names.bounded(name);
    Tally known = tenants.get(tenant);
    if (known != null) {
      return known;
    }
    String row = tenants.size() < MOST_TENANTS ? tenant : OTHERS;
    return tenants.computeIfAbsent(row, unknown -> new Tally());
  }

  /**
   * Those with the most tokens first.
   *
   * @param running unfinished requests by tenant
   */
  List<Tenant> view(Map<String, Integer> running) {
    List<Tenant> rows = new ArrayList<>();
    tenants.forEach(
        (name, tally) -> {
          List<Minute> minutes = new ArrayList<>();
          tally.minutes.forEach(
              (start, counts) -> minutes.add(new Minute(start, counts[0], counts[1])));
          rows.add(
              new Tenant(
                  name,
                  tally.requests,
                  tally.deadLetters,
                  running.getOrDefault(name, 0),
                  tally.promptTokens,
                  tally.cachedTokens,
                  tally.reasoningTokens,
                  tally.completionTokens,
                  tally.lastMs,
                  minutes));
        });
    rows.sort(
        Comparator.comparingLong((Tenant row) -> row.promptTokens() + row.completionTokens())
            .reversed()
            .thenComparing(Tenant::tenant));
    return rows;
  }
}
