package ai.falaj.jobs.eval;

import ai.falaj.jobs.eval.metrics.Estimate;
import ai.falaj.jobs.eval.metrics.EvalReport;
import ai.falaj.jobs.eval.run.Candidates;
import ai.falaj.jobs.reasoning.ReasoningJobOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A report in words. Pure. */
final class ReportText {

  private static final int LISTED = 10;

  private ReportText() {}

  static List<String> lines(EvalReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        format(
            "%s on %s: %d problems, %d %s each",
            report.label(),
            report.dataset(),
            report.problems(),
            report.samples(),
            report.samples() == 1 ? "sample" : "samples"));
    lines.add("");
    lines.add(share("pass@1", report.passAt1()));
    report
        .passAtK()
        .forEach(
            at ->
                lines.add(
                    share(
                        "pass@" + at.k() + (at.k() == report.samples() ? " (best of all)" : ""),
                        at.estimate())));
    if (report.majority() != null) {
      lines.add(share("majority@" + report.samples(), report.majority()));
    }
    if (report.judged() != null) {
      lines.add(share("best of " + report.samples() + ", judged", report.judged()));
    }
    lines.add("");
    if (report.completionTokens() != null) {
      lines.add(amount("tokens per problem", report.completionTokens(), "%.0f"));
      if (report.reasoningTokens().value() > 0) {
        lines.add(amount("of it reasoning", report.reasoningTokens(), "%.0f"));
      }
      if (report.roles() != null) {
        lines.add(role("  planner", report.roles().planner()));
        lines.add(role("  solver", report.roles().solver()));
        lines.add(role("  judge", report.roles().judge()));
      }
      lines.add(amount("seconds per problem", report.secondsPerProblem(), "%.2f"));
      lines.add(amount("without the queue", report.generationSecondsPerProblem(), "%.2f"));
    }
    lines.add(figure("finish reasons", reasons(report.finishReasons())));
    lines.add(
        figure(
            "answers",
            format(
                "%d right of %d; %d without an answer, %d taken without a mark, %d cut",
                report.counts().correct(),
                report.counts().samples(),
                report.counts().withoutAnswer(),
                report.counts().guessed(),
                report.counts().cut())));
    if (report.finishReasons().containsKey(Candidates.LEFT_OUT)) {
      lines.add(
          figure(
              "left out",
              report.finishReasons().get(Candidates.LEFT_OUT)
                  + " answers that traces had no room for, counted as wrong; raise "
                  + ReasoningJobOptions.MAX_TRACE_SIZE.key()));
    }
    failures(report, lines);
    return lines;
  }

  private static void failures(EvalReport report, List<String> lines) {
    if (!report.deadLetters().isEmpty()) {
      lines.add(figure("dead letters", report.deadLetters().size() + ", counted as wrong"));
      report.deadLetters().stream()
          .limit(LISTED)
          .forEach(
              letter ->
                  lines.add("  " + letter.id() + ": " + letter.code() + ": " + letter.message()));
      if (report.deadLetters().size() > LISTED) {
        lines.add("  ... and " + (report.deadLetters().size() - LISTED) + " more");
      }
    }
    if (!report.missing().isEmpty()) {
      String named = report.missing().stream().limit(LISTED).collect(Collectors.joining(", "));
      String more = report.missing().size() > LISTED ? ", ..." : "";
      lines.add(
          figure(
              "without a result", report.missing().size() + ", counted as wrong: " + named + more));
    }
  }

  private static String reasons(Map<String, Integer> reasons) {
    return reasons.isEmpty()
        ? "none"
        : reasons.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
  }

  private static String share(String name, Estimate estimate) {
    return figure(
        name,
        format(
            "%5.1f%%  (95%%: %.1f to %.1f)",
            100 * estimate.value(), 100 * estimate.low(), 100 * estimate.high()));
  }

  private static String amount(String name, Estimate estimate, String number) {
    return figure(
        name,
        format(
            number + "  (95%%: " + number + " to " + number + ")",
            estimate.value(),
            estimate.low(),
            estimate.high()));
  }

  private static String role(String name, EvalReport.Role role) {
    return figure(
        name,
        format(
            "%.0f written and %.0f read, in %.1f calls",
            role.completionTokens().value(), role.promptTokens().value(), role.calls().value()));
  }

  private static String figure(String name, String value) {
    return format("%-22s %s", name, value);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
