package ai.falaj.operators;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeStats;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.metrics.MetricGroup;

/**
 * Gauges of each model, where a runtime serves several: those of {@link InferenceMetrics} that are
 * the shared runtime's, once more with the label {@code model_name}. Read on the reporters'
 * threads.
 */
final class ModelMetrics {

  private ModelMetrics() {}

  static void register(MetricGroup group, ModelRuntime runtime) {
    Map<String, RuntimeStats> models = runtime.statsByModel();
    if (models.size() < 2) {
      return;
    }
    for (String model : models.keySet()) {
      MetricGroup ofModel = group.addGroup("model_name", model);
      gauge(ofModel, "num_requests_running", runtime, model, RuntimeStats::requestsRunning);
      gauge(ofModel, "num_requests_waiting", runtime, model, RuntimeStats::requestsWaiting);
      gauge(ofModel, "kv_cache_usage_perc", runtime, model, RuntimeStats::kvCacheUsage);
      gauge(ofModel, "generation_tokens_total", runtime, model, RuntimeStats::generationTokens);
    }
  }

  private static void gauge(
      MetricGroup group,
      String name,
      ModelRuntime runtime,
      String model,
      Function<RuntimeStats, Number> value) {
    group.gauge(name, () -> value.apply(runtime.statsByModel().get(model)));
  }
}
