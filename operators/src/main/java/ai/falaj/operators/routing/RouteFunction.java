package ai.falaj.operators.routing;

import ai.falaj.operators.PromptRecord;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.CoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Routes prompts by a table that changes while the job runs. Every subtask holds the whole table;
 * the control topic's records reach all of them.
 *
 * <p><b>State.</b> The table is a union state with the offset of each route's record: after a
 * restore every subtask takes the newest of each. Flink's broadcast state would give a subtask the
 * copy of any other one, which may have seen less: in an unaligned checkpoint, a change that one
 * subtask has applied may still be on its way to the next.
 *
 * <p><b>Order.</b> A prompt leaves last, and nothing follows it: the operator behind may take a
 * checkpoint while it has the prompt.
 *
 * <p>Confined to the task thread. A record of the control topic that was refused leaves as an
 * undecodable prompt and becomes a dead letter there; it changes nothing here.
 */
final class RouteFunction extends CoProcessFunction<PromptRecord, RouteControl, PromptRecord>
    implements CheckpointedFunction {

  private static final long serialVersionUID = 1L;

  private final Map<String, Route> configured;
  private final Set<String> models;

  private transient ListState<RouteChange> checkpointed;
  private transient RouteTable table;
  private transient Router router;
  private transient RoutingMetrics metrics;

  RouteFunction(Map<String, Route> configured, Set<String> models) {
    this.configured = Map.copyOf(configured);
    this.models = Set.copyOf(models);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    table = new RouteTable(configured, models);
    checkpointed =
        context
            .getOperatorStateStore()
            .getUnionListState(new ListStateDescriptor<>("routes", Routing.CHANGE_TYPE));
    if (context.isRestored()) {
      table.restore(checkpointed.get());
    }
    router = new Router(table);
  }

  @Override
  public void open(OpenContext context) {
    metrics = new RoutingMetrics(getRuntimeContext().getMetricGroup(), models);
  }

  @Override
  public void processElement1(PromptRecord prompt, Context context, Collector<PromptRecord> out) {
    Router.Decision decision = router.decide(prompt);
    metrics.count(decision);
    out.collect(decision.prompt());
  }

  @Override
  public void processElement2(RouteControl control, Context context, Collector<PromptRecord> out) {
    if (control instanceof RouteControl.Change change) {
      table.apply(change.change());
    } else if (control instanceof RouteControl.Refusal refusal) {
      out.collect(refusal.letter());
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    checkpointed.update(table.changes());
  }
}
