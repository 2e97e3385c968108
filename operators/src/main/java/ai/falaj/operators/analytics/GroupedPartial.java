package ai.falaj.operators.analytics;

import java.util.Objects;

/**
 * Sums over some records of a group and of ten seconds of event time.
 *
 * @param group text of its {@link GroupKey}
 * @param startMs of the ten seconds
 */
public record GroupedPartial(String group, long startMs, UsageTotals totals) {

  public GroupedPartial {
    Objects.requireNonNull(group, "group");
    Objects.requireNonNull(totals, "totals");
  }
}
