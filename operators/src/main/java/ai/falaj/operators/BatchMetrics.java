package ai.falaj.operators;

import ai.falaj.runtime.ModelRuntime;
import org.apache.flink.metrics.MetricGroup;

/**
 * How full the shared runtime's batch is: {@code max_num_seqs}, and two counters of which one
 * divided by the other, as they grow, is the mean batch. Every subtask of a TaskManager reports the
 * same. Read on the reporters' threads.
 */
final class BatchMetrics {

  private BatchMetrics() {}

  static void register(MetricGroup group, ModelRuntime runtime) {
    int mostSequences = runtime.info().maxSequences();
    group.gauge("max_num_seqs", () -> mostSequences);
    group.gauge("engine_steps_total", () -> runtime.stats().steps());
    group.gauge("engine_step_seqs_total", () -> runtime.stats().stepSequences());
  }
}
