package ai.falaj.operators.sql;

import ai.falaj.runtime.GenerationResult;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Metrics of one subtask's predictions. Confined to the predictor's thread. */
final class PredictMetrics {

  private final MetricGroup group;
  private final Counter predictions;
  private final Counter promptTokens;
  private final Counter generationTokens;
  private final Counter retries;
  private final Counter invalidOutputs;
  private final Map<String, Counter> failures = new HashMap<>();

  PredictMetrics(MetricGroup group) {
    this.group = group;
    predictions = group.counter("predictions_total");
    promptTokens = group.counter("prompt_tokens_total");
    generationTokens = group.counter("generation_tokens_total");
    retries = group.counter("generation_retries_total");
    invalidOutputs = group.counter("invalid_outputs_total");
  }

  void generated(GenerationResult.Usage usage) {
    promptTokens.inc(usage.promptTokens());
    generationTokens.inc(usage.completionTokens());
  }

  void predicted() {
    predictions.inc();
  }

  void retried() {
    retries.inc();
  }

  void invalidOutput() {
    invalidOutputs.inc();
  }

  void failed(String code) {
    failures
        .computeIfAbsent(
            code, name -> group.addGroup("code", name).counter("failed_predictions_total"))
        .inc();
  }
}
