package ai.falaj.operators.analytics;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * What the pipeline makes of usage events.
 *
 * @param groupings that have rows
 * @param allowedLateness how far the watermark may have passed the end of ten seconds when a record
 *     of them comes; what comes later is counted as late and left out of all windows
 * @param updateInterval how often, at most, a row that is not final is written anew
 * @param labelHistoryTime without any label after which a group's history of labels is dropped
 */
public record AnalyticsSpec(
    Set<Grouping> groupings,
    Duration allowedLateness,
    Duration updateInterval,
    NameLimits limits,
    int topLabels,
    TrendSettings trend,
    Duration labelHistoryTime,
    BudgetSettings budgets)
    implements Serializable {

  /** Names are kept for longer. */
  private static final Duration MAX_LATENESS = Duration.ofHours(1);

  public static final AnalyticsSpec DEFAULT =
      new AnalyticsSpec(
          Set.of(Grouping.values()),
          Duration.ofMinutes(1),
          Duration.ofSeconds(2),
          NameLimits.DEFAULT,
          20,
          TrendSettings.DEFAULT,
          Duration.ofDays(1),
          BudgetSettings.NONE);

  public AnalyticsSpec {
    groupings = Set.copyOf(groupings);
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(trend, "trend");
    Objects.requireNonNull(budgets, "budgets");
    if (groupings.isEmpty()) {
      throw new IllegalArgumentException("there is no grouping; name at least ALL");
    }
    if (allowedLateness.isNegative() || allowedLateness.compareTo(MAX_LATENESS) > 0) {
      throw new IllegalArgumentException(
          "allowed lateness is %d ms; give 0 to %d ms"
              .formatted(allowedLateness.toMillis(), MAX_LATENESS.toMillis()));
    }
    if (updateInterval.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the update interval is %d ms; it must be at least 1 ms"
              .formatted(updateInterval.toMillis()));
    }
    if (topLabels < 1) {
      throw new IllegalArgumentException("top labels is " + topLabels + "; show at least 1");
    }
    if (labelHistoryTime.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the time that label histories are kept is %d ms; it must be at least 1 ms"
              .formatted(labelHistoryTime.toMillis()));
    }
  }
}
