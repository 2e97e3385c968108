package ai.falaj.operators.analytics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Decides which names have windows of their own, and gives each sum to all groups that it belongs
 * to. All names pass one subtask under one key: only who sees all of them can hold them to a number
 * and call the rest {@link Names#OTHER}. What arrives is summed up already, so that is no
 * bottleneck.
 *
 * <p><b>State.</b> The admitted names and when each was last seen, at most {@link NameLimits} of
 * them and those that are reserved. Every hour of event time, names that were not seen for {@value
 * #FORGOTTEN_AFTER_MS} ms are forgotten; by then, no window can be open that has them.
 *
 * <p>First come, first served: who floods the names keeps new ones of others out, until it stops. A
 * name that has a budget or a price is always admitted.
 *
 * <p>Confined to the task thread.
 */
final class NameAdmissionFunction
    extends KeyedProcessFunction<Integer, UsagePartial, GroupedPartial> {

  private static final long serialVersionUID = 1L;

  /** Above the longest window and its lateness. */
  static final long FORGOTTEN_AFTER_MS = 2 * WindowSize.HOUR.lengthMs();

  private final AnalyticsSpec spec;

  /** Event time of the last sum with a name, by kind and name. */
  private transient MapState<String, Long> lastSeenMs;

  /** How many of the names are not reserved, by kind. */
  private transient MapState<Integer, Integer> admitted;

  private transient Counter others;

  NameAdmissionFunction(AnalyticsSpec spec) {
    this.spec = Objects.requireNonNull(spec, "spec");
  }

  @Override
  public void open(OpenContext context) {
    lastSeenMs =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("last-seen", Types.STRING, Types.LONG));
    admitted =
        getRuntimeContext().getMapState(new MapStateDescriptor<>("admitted", Types.INT, Types.INT));
    others =
        getRuntimeContext().getMetricGroup().addGroup("falaj").counter("analyticsNamesRefused");
  }

  @Override
  public void processElement(UsagePartial partial, Context context, Collector<GroupedPartial> out)
      throws Exception {
    long startMs = partial.startMs();
    scheduleForgetting(context, startMs);
    UsageTotals totals = partial.totals().withLabels(admittedLabels(partial));
    if (!partial.cell().attributed()) {
      if (spec.groupings().contains(Grouping.ALL)) {
        emit(GroupKey.of(Grouping.ALL, partial.cell()), startMs, totals, out);
      }
      return;
    }
    Cell cell = admittedNames(partial);
    for (Grouping grouping : spec.groupings()) {
      Cell named = grouping == Grouping.TENANT_MODEL_TEMPLATE ? combination(cell, startMs) : cell;
      emit(GroupKey.of(grouping, named), startMs, totals, out);
    }
    if (spec.budgets().budgets().containsKey(cell.tenant())) {
      context.output(AnalyticsOutputs.SPENDING, new GroupedPartial(cell.tenant(), startMs, totals));
    }
  }

  private static void emit(
      GroupKey group, long startMs, UsageTotals totals, Collector<GroupedPartial> out) {
    out.collect(new GroupedPartial(group.text(), startMs, totals));
  }

  private Cell admittedNames(UsagePartial partial) throws Exception {
    Cell cell = partial.cell();
    return new Cell(
        true,
        admit(NameKind.TENANT, cell.tenant(), partial.startMs()),
        admit(NameKind.MODEL, cell.model(), partial.startMs()),
        admit(NameKind.TEMPLATE, cell.template(), partial.startMs()));
  }

  private Cell combination(Cell cell, long startMs) throws Exception {
    String text = GroupKey.of(Grouping.TENANT_MODEL_TEMPLATE, cell).text();
    return admit(NameKind.COMBINATION, text, startMs).equals(Names.OTHER)
        ? new Cell(true, Names.OTHER, Names.OTHER, Names.OTHER)
        : cell;
  }

  private Map<String, Long> admittedLabels(UsagePartial partial) throws Exception {
    Map<String, Long> labels = new HashMap<>();
    for (Map.Entry<String, Long> label : partial.totals().labels().entrySet()) {
      String name = admit(NameKind.LABEL, label.getKey(), partial.startMs());
      labels.merge(name, label.getValue(), Long::sum);
    }
    return labels;
  }

  /** The name itself, or that of all others. */
  private String admit(NameKind kind, String name, long timestampMs) throws Exception {
    if (name.equals(Names.OTHER) || name.isEmpty()) {
      return name;
    }
    String key = kind.ordinal() + name;
    Long lastMs = lastSeenMs.get(key);
    if (lastMs == null && !spec.limits().reserves(kind, name)) {
      Integer known = admitted.get(kind.ordinal());
      int count = known == null ? 0 : known;
      if (count >= spec.limits().of(kind)) {
        others.inc();
        return Names.OTHER;
      }
      admitted.put(kind.ordinal(), count + 1);
    }
    if (lastMs == null || lastMs < timestampMs) {
      lastSeenMs.put(key, timestampMs);
    }
    return name;
  }

  private static void scheduleForgetting(Context context, long startMs) {
    long nowMs = Math.max(startMs, context.timerService().currentWatermark());
    context
        .timerService()
        .registerEventTimeTimer(WindowSize.HOUR.lastMs(WindowSize.HOUR.startOf(nowMs)));
  }

  @Override
  public void onTimer(long timestampMs, OnTimerContext context, Collector<GroupedPartial> out)
      throws Exception {
    List<String> forgotten = new ArrayList<>();
    Map<Integer, Integer> left = new HashMap<>();
    for (Map.Entry<String, Long> name : lastSeenMs.entries()) {
      NameKind kind = NameKind.values()[name.getKey().charAt(0) - '0'];
      if (name.getValue() <= timestampMs - FORGOTTEN_AFTER_MS) {
        forgotten.add(name.getKey());
      } else if (!spec.limits().reserves(kind, name.getKey().substring(1))) {
        left.merge(kind.ordinal(), 1, Integer::sum);
      }
    }
    for (String key : forgotten) {
      lastSeenMs.remove(key);
    }
    admitted.clear();
    if (!lastSeenMs.isEmpty()) {
      admitted.putAll(left);
      context.timerService().registerEventTimeTimer(timestampMs + WindowSize.HOUR.lengthMs());
    }
  }
}
