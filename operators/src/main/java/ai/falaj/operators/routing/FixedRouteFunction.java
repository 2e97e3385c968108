package ai.falaj.operators.routing;

import ai.falaj.operators.PromptRecord;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Routes prompts by what the job is configured with. It has no state and no second input, so it is
 * chained between source and inference. Confined to the task thread.
 */
final class FixedRouteFunction extends ProcessFunction<PromptRecord, PromptRecord> {

  private static final long serialVersionUID = 1L;

  private final Map<String, Route> configured;
  private final Set<String> models;

  private transient Router router;
  private transient RoutingMetrics metrics;

  FixedRouteFunction(Map<String, Route> configured, Set<String> models) {
    this.configured = Map.copyOf(configured);
    this.models = Set.copyOf(models);
  }

  @Override
  public void open(OpenContext context) {
    router = new Router(new RouteTable(configured, models));
    metrics = new RoutingMetrics(getRuntimeContext().getMetricGroup(), models);
  }

  /** The prompt leaves last, as in {@link RouteFunction}. */
  @Override
  public void processElement(PromptRecord prompt, Context context, Collector<PromptRecord> out) {
    Router.Decision decision = router.decide(prompt);
    metrics.count(decision);
    out.collect(decision.prompt());
  }
}
