package ai.falaj.operators.routing;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counts where routes sent requests, by model: {@code routed_requests_total} and {@code
 * shadowed_requests_total} with the label {@code model_name}. Confined to the task thread.
 */
final class RoutingMetrics {

  private final Map<String, Counter> routed = new HashMap<>();
  private final Map<String, Counter> shadowed = new HashMap<>();

  /**
   * @param models that are served; routes in force name no others
   */
  RoutingMetrics(MetricGroup group, Set<String> models) {
    for (String model : models) {
      MetricGroup ofModel = group.addGroup("model_name", model);
      routed.put(model, ofModel.counter("routed_requests_total"));
      shadowed.put(model, ofModel.counter("shadowed_requests_total"));
    }
  }

  void count(Router.Decision decision) {
    decision.target().ifPresent(model -> routed.get(model).inc());
    decision.shadows().forEach(model -> shadowed.get(model).inc());
  }
}
