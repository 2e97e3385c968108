package ai.falaj.operators.analytics;

import java.util.Objects;

/**
 * Sums over some records of a cell and of ten seconds of event time, on their way to the windows.
 *
 * @param startMs of the ten seconds
 */
public record UsagePartial(Cell cell, long startMs, UsageTotals totals) {

  public UsagePartial {
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(totals, "totals");
  }
}
