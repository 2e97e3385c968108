package ai.falaj.jobs.eval.compare;

import ai.falaj.jobs.eval.metrics.Estimate;
import ai.falaj.jobs.eval.metrics.EvalReport;
import java.util.Optional;

/** What is compared. */
public enum Metric {
  PASS_AT_1("pass@1"),
  MAJORITY("majority vote"),
  BEST_OF_N("best of N, by an oracle"),
  JUDGED("best of N, by a judge");

  private final String title;

  Metric(String title) {
    this.title = title;
  }

  /** For people. */
  public String title() {
    return title;
  }

  public boolean isIn(EvalReport report) {
    return of(report).isPresent();
  }

  /** Its value in a report; empty where the run does not have it, as a vote of one sample. */
  Optional<Estimate> of(EvalReport report) {
    return switch (this) {
      case PASS_AT_1 -> Optional.of(report.passAt1());
      case MAJORITY -> Optional.ofNullable(report.majority());
      case BEST_OF_N ->
          report.passAtK().stream()
              .filter(at -> at.k() == report.samples())
              .map(EvalReport.AtK::estimate)
              .findFirst();
      case JUDGED -> Optional.ofNullable(report.judged());
    };
  }
}
