package ai.falaj.jobs.chaos;

import java.util.List;

/**
 * What happened in a run and what came of it, as {@code --json} prints it.
 *
 * @param model scripted, or the real engine's
 * @param loadSeconds from the first prompt to the last
 * @param drainSeconds from the last prompt until every prompt had a result, or was given up
 * @param unexpectedEnds processes that ended although nobody killed them, and were started again
 * @param ledger what came of the prompts
 */
record ChaosReport(
    long seed,
    String model,
    int taskManagers,
    double promptsPerSecond,
    double loadSeconds,
    double drainSeconds,
    List<Event> events,
    int unexpectedEnds,
    LedgerBalance ledger,
    boolean passed) {

  ChaosReport {
    events = List.copyOf(events);
  }

  /**
   * An event that took place.
   *
   * @param atSeconds since the first prompt
   * @param recoveredAfterSeconds from its beginning until the job worked again; null: it did not
   *     while it was looked at
   */
  record Event(
      double atSeconds,
      String action,
      String target,
      String details,
      Double recoveredAfterSeconds) {}
}
