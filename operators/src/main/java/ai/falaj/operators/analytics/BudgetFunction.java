package ai.falaj.operators.analytics;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.BudgetAlert;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Watches what tenants spend, and tells when a part of a budget is used up. Keyed by tenant; only
 * those with a budget come here.
 *
 * <p>Spending only grows, so a threshold is told once, as soon as it is reached; the period need
 * not be over for that. A period is removed when the watermark has passed its end by the allowed
 * lateness; until then late records count, also those that were too late for the windows.
 *
 * <p>Confined to the task thread.
 */
final class BudgetFunction
    extends KeyedProcessFunction<String, GroupedPartial, OutputRecord<BudgetAlert>> {

  private static final long serialVersionUID = 1L;

  private static final int WHOLE_PERCENT = 100;

  private final AnalyticsSpec spec;

  /** By the period's start. */
  private transient MapState<Long, Spending> periods;

  private transient Counter lateRecords;

  BudgetFunction(AnalyticsSpec spec) {
    this.spec = Objects.requireNonNull(spec, "spec");
  }

  @Override
  public void open(OpenContext context) {
    periods =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("periods", Types.LONG, AnalyticsOutputs.SPENDING_TYPE));
    lateRecords =
        getRuntimeContext().getMetricGroup().addGroup("falaj").counter("analyticsLateRecords");
  }

  @Override
  public void processElement(
      GroupedPartial partial, Context context, Collector<OutputRecord<BudgetAlert>> out)
      throws Exception {
    Budget budget = spec.budgets().budgets().get(partial.group());
    long startMs = spec.budgets().startOf(partial.startMs());
    long removedAtMs = endMs(startMs) - 1 + spec.allowedLateness().toMillis();
    if (budget == null || removedAtMs <= context.timerService().currentWatermark()) {
      lateRecords.inc(partial.totals().records());
      return;
    }
    Spending known = periods.get(startMs);
    if (known == null) {
      context.timerService().registerEventTimeTimer(removedAtMs);
      known = Spending.NONE;
    }
    Spending spent = known.plus(partial.totals());
    Alerts alerts = new Alerts(partial, startMs, out);
    int tokens =
        alerts.tell(Resource.TOKENS, budget.tokens(), spent.tokens(), spent.alertedTokensPercent());
    int cost =
        alerts.tell(
            Resource.COST, budget.costNanos(), spent.costNanos(), spent.alertedCostPercent());
    periods.put(startMs, new Spending(spent.tokens(), spent.costNanos(), tokens, cost));
  }

  private long endMs(long startMs) {
    return startMs + spec.budgets().period().toMillis();
  }

  @Override
  public void onTimer(
      long timestampMs, OnTimerContext context, Collector<OutputRecord<BudgetAlert>> out)
      throws Exception {
    periods.remove(
        timestampMs + 1 - spec.budgets().period().toMillis() - spec.allowedLateness().toMillis());
  }

  private enum Resource {
    TOKENS,
    COST
  }

  /** Of one tenant and period. */
  private final class Alerts {

    private final GroupedPartial partial;
    private final long startMs;
    private final Collector<OutputRecord<BudgetAlert>> out;

    Alerts(GroupedPartial partial, long startMs, Collector<OutputRecord<BudgetAlert>> out) {
      this.partial = partial;
      this.startMs = startMs;
      this.out = out;
    }

    /**
     * Tells of the thresholds that were newly reached.
     *
     * @param budget 0: none
     * @return the highest threshold that was told so far
     */
    int tell(Resource resource, long budget, long used, int toldPercent) {
      int told = toldPercent;
      for (int percent : spec.budgets().thresholdsPercent()) {
        // Not used * 100: that may overflow.
        if (budget > 0 && percent > told && used >= (double) budget / WHOLE_PERCENT * percent) {
          out.collect(alert(resource, percent, budget, used));
          told = percent;
        }
      }
      return told;
    }

    private OutputRecord<BudgetAlert> alert(
        Resource resource, int percent, long budget, long used) {
      BudgetAlert alert =
          BudgetAlert.newBuilder()
              .setTenant(partial.group())
              .setResource(resource.name())
              .setPeriodStart(Instant.ofEpochMilli(startMs))
              .setPeriodEnd(Instant.ofEpochMilli(endMs(startMs)))
              .setThresholdPercent(percent)
              .setBudget(budget)
              .setUsed(used)
              .setReachedAt(
                  Instant.ofEpochMilli(partial.startMs() + WindowSize.TEN_SECONDS.lengthMs()))
              .build();
      String key =
          KeyText.escape(partial.group())
              + KeyText.SEPARATOR
              + resource
              + KeyText.SEPARATOR
              + Instant.ofEpochMilli(startMs)
              + KeyText.SEPARATOR
              + percent;
      return new OutputRecord<>(Optional.of(key), alert, Optional.empty());
    }
  }
}
