package ai.falaj.jobs.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report in words. Stateless. */
final class ChaosText {

  private static final int IDS_SHOWN = 20;

  private ChaosText() {}

  static List<String> lines(ChaosReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        format(
            "chaos, seed %d: %.0f s of %.1f prompts/s to %d TaskManagers, model %s, drained in %.1f s",
            report.seed(),
            report.loadSeconds(),
            report.promptsPerSecond(),
            report.taskManagers(),
            report.model(),
            report.drainSeconds()));
    report.events().forEach(event -> lines.add(line(event)));
    if (report.unexpectedEnds() > 0) {
      lines.add(
          format(
              "  %d processes ended by themselves and were started again",
              report.unexpectedEnds()));
    }
    LedgerBalance ledger = report.ledger();
    lines.add(figure("sent", ledger.sent(), ""));
    lines.add(figure("completed", ledger.completed(), ""));
    lines.add(figure("dead-lettered", ledger.deadLettered(), ""));
    lines.add(faults("duplicated", ledger.duplicated()));
    lines.add(faults("lost", ledger.lost()));
    lines.add(faults("inconsistent chunk streams", ledger.inconsistent()));
    lines.add(faults("wrong results", ledger.wrong()));
    lines.add(figure("tokens generated", ledger.tokensGenerated(), ""));
    lines.add(figure("tokens repeated", ledger.tokensRepeated(), percentRepeated(ledger)));
    maybeAdd(lines, "prompts that the broker lost or doubled", ledger.input());
    maybeAdd(lines, "results that nobody asked for", ledger.unknown());
    lines.add(report.passed() ? "nothing lost, nothing twice" : "FAILED");
    return lines;
  }

  private static String line(ChaosReport.Event event) {
    String recovery =
        event.recoveredAfterSeconds() == null
            ? "not recovered"
            : format("recovered after %.1f s", event.recoveredAfterSeconds());
    return format(
        "  %7.1f s  %-7s %-14s %-11s %s",
        event.atSeconds(), event.action(), event.target(), event.details(), recovery);
  }

  private static String percentRepeated(LedgerBalance ledger) {
    return ledger.tokensGenerated() == 0
        ? ""
        : format("  (%.1f%%)", 100.0 * ledger.tokensRepeated() / ledger.tokensGenerated());
  }

  private static String figure(String name, long value, String note) {
    return format("  %-28s %9d%s", name, value, note);
  }

  private static String faults(String name, List<String> ids) {
    return figure(name, ids.size(), ids.isEmpty() ? "" : "  " + shown(ids));
  }

  private static void maybeAdd(List<String> lines, String name, List<String> ids) {
    if (!ids.isEmpty()) {
      lines.add(faults(name, ids));
    }
  }

  private static String shown(List<String> ids) {
    String first = String.join(" ", ids.subList(0, Math.min(IDS_SHOWN, ids.size())));
    return ids.size() > IDS_SHOWN ? first + " ... (all with --json)" : first;
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
