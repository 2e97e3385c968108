package ai.falaj.operators.analytics;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Whose spending is watched, and when somebody is told.
 *
 * @param budgets by tenant
 * @param period that a budget is for; its periods begin at multiples of it since 1970
 * @param thresholdsPercent of the budget, ascending
 */
public record BudgetSettings(
    Map<String, Budget> budgets, Duration period, List<Integer> thresholdsPercent)
    implements Serializable {

  public static final BudgetSettings NONE =
      new BudgetSettings(Map.of(), Duration.ofDays(1), List.of(80, 100));

  public BudgetSettings {
    budgets = Map.copyOf(budgets);
    thresholdsPercent = thresholdsPercent.stream().sorted().distinct().toList();
    if (period.toMillis() < WindowSize.TEN_SECONDS.lengthMs()
        || !WindowSize.TEN_SECONDS.isStart(period.toMillis())) {
      throw new IllegalArgumentException(
          "the period of budgets is %d ms; give a multiple of 10 s".formatted(period.toMillis()));
    }
    if (thresholdsPercent.isEmpty() || thresholdsPercent.get(0) < 1) {
      throw new IllegalArgumentException(
          "the thresholds of budgets are %s; give percentages from 1 on"
              .formatted(thresholdsPercent));
    }
  }

  long startOf(long timestampMs) {
    return Math.floorDiv(timestampMs, period.toMillis()) * period.toMillis();
  }
}
