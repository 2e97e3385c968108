package ai.falaj.jobs.enrich.run;

import ai.falaj.jobs.cli.ProgressBar;
import ai.falaj.jobs.enrich.totals.EnrichmentTotals;
import java.util.OptionalLong;

/** Shows how far an enrichment is. Confined to one thread. */
final class Progress {

  private final ProgressBar bar;
  private final OptionalLong total;
  private final long startedNanos = System.nanoTime();
  private EnrichmentTotals first;

  /**
   * @param total records, where it is known
   */
  Progress(ProgressBar bar, OptionalLong total) {
    this.bar = bar;
    this.total = total;
  }

  /** Rates are of this run: what a checkpoint brought along came before the first totals. */
  void show(EnrichmentTotals totals) {
    if (first == null) {
      first = totals;
    }
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    String errors = totals.errors().isEmpty() ? "" : ", errors " + totals.errors();
    bar.update(
        totals.records(),
        total,
        ReportText.format(
            "%,.1f records/s, %,.0f tokens/s%s",
            Math.max(0, totals.records() - first.records()) / seconds,
            Math.max(0, totals.completionTokens() - first.completionTokens()) / seconds,
            errors));
  }
}
