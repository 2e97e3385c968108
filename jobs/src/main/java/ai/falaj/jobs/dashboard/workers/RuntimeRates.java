package ai.falaj.jobs.dashboard.workers;

import ai.falaj.jobs.dashboard.workers.FlinkMetrics.RuntimeKey;
import ai.falaj.jobs.dashboard.workers.WorkersView.RuntimeUse;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a runtime does now, from counters of two looks. Confined to one thread.
 *
 * <p>A counter that has gone back is that of a new process: its first look has no rates.
 */
final class RuntimeRates {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Map<RuntimeKey, Look> last = new HashMap<>();

  private record Look(Map<String, Double> values, long nanos) {}

  /**
   * @param nanos when the values were read
   */
  RuntimeUse use(RuntimeKey key, Map<String, Double> values, long nanos) {
    Look before = last.put(key, new Look(values, nanos));
    Double steps = grown(before, values, FlinkMetrics.STEPS);
    Double sequences = grown(before, values, FlinkMetrics.STEP_SEQUENCES);
    Double generated = grown(before, values, FlinkMetrics.GENERATED);
    Double meanBatch =
        steps == null || sequences == null ? null : steps == 0 ? 0.0 : sequences / steps;
    Double most = values.get(FlinkMetrics.MAX_SEQUENCES);
    return new RuntimeUse(
        key.job(),
        key.operator(),
        whole(values, FlinkMetrics.RUNNING),
        whole(values, FlinkMetrics.WAITING),
        whole(values, FlinkMetrics.MAX_SEQUENCES),
        meanBatch,
        meanBatch == null || most == null || most == 0 ? null : meanBatch / most,
        values.get(FlinkMetrics.KV_USAGE),
        whole(values, FlinkMetrics.IN_FLIGHT),
        whole(values, FlinkMetrics.TOKENS_IN_FLIGHT),
        generated == null || nanos <= before.nanos()
            ? null
            : generated * NANOS_PER_SECOND / (nanos - before.nanos()),
        ratio(values, FlinkMetrics.PREFIX_HITS, FlinkMetrics.PREFIX_QUERIES),
        whole(values, FlinkMetrics.PREEMPTIONS));
  }

  /** Forgets runtimes that are gone. */
  void retain(Set<RuntimeKey> keys) {
    last.keySet().retainAll(keys);
  }

  private static Double grown(Look before, Map<String, Double> values, String metric) {
    Double now = values.get(metric);
    Double then = before == null ? null : before.values().get(metric);
    return now == null || then == null || now < then ? null : Double.valueOf(now - then);
  }

  private static Long whole(Map<String, Double> values, String metric) {
    Double value = values.get(metric);
    return value == null ? null : Long.valueOf(Math.round(value));
  }

  private static Double ratio(Map<String, Double> values, String part, String whole) {
    Double all = values.get(whole);
    return all == null || all == 0 || !values.containsKey(part)
        ? null
        : Double.valueOf(values.get(part) / all);
  }
}
