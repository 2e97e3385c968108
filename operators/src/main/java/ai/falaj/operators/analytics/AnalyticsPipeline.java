package ai.falaj.operators.analytics;

import ai.falaj.operators.OutputRecord;
import ai.falaj.schemas.BudgetAlert;
import ai.falaj.schemas.LabelWindow;
import ai.falaj.schemas.UsageWindow;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * From usage events to rows: sums beside each source, names held to their limits by one subtask,
 * windows by group, budgets by tenant.
 */
public final class AnalyticsPipeline {

  private AnalyticsPipeline() {}

  /** Rows, each with its record key; later ones replace earlier ones of the same key. */
  public record Streams(
      DataStream<OutputRecord<UsageWindow>> usage,
      DataStream<OutputRecord<LabelWindow>> labels,
      DataStream<OutputRecord<BudgetAlert>> alerts) {}

  /**
   * Adds the operators.
   *
   * @param events by a name that is unique in the job, with timestamps and watermarks; at least one
   *     stream
   */
  public static Streams connect(Map<String, DataStream<UsageEvent>> events, AnalyticsSpec spec) {
    Map<String, DataStream<UsagePartial>> sums = new LinkedHashMap<>();
    events.forEach(
        (name, stream) ->
            sums.put(
                name,
                stream
                    .transform(
                        "sum up " + name,
                        AnalyticsOutputs.PARTIAL_TYPE,
                        new PreAggregateOperatorFactory())
                    .uid("sums-of-" + name)));
    DataStream<UsagePartial> partials =
        sums.values().stream().reduce((one, other) -> one.union(other)).orElseThrow();
    SingleOutputStreamOperator<GroupedPartial> grouped =
        partials
            .keyBy(partial -> 0, Types.INT)
            .process(new NameAdmissionFunction(spec), AnalyticsOutputs.GROUPED_TYPE)
            .setParallelism(1)
            .name("limit names")
            .uid("names");
    SingleOutputStreamOperator<OutputRecord<UsageWindow>> usage =
        grouped
            .keyBy(GroupedPartial::group, Types.STRING)
            .process(new WindowCascadeFunction(spec), AnalyticsOutputs.USAGE_TYPE)
            .name("windows")
            .uid("windows");
    DataStream<OutputRecord<BudgetAlert>> alerts =
        grouped
            .getSideOutput(AnalyticsOutputs.SPENDING)
            .keyBy(GroupedPartial::group, Types.STRING)
            .process(new BudgetFunction(spec), AnalyticsOutputs.ALERT_TYPE)
            .name("budgets")
            .uid("budgets");
    return new Streams(usage, usage.getSideOutput(AnalyticsOutputs.LABELS), alerts);
  }
}
