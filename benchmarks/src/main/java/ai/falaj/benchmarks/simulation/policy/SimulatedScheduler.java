package ai.falaj.benchmarks.simulation.policy;

import ai.falaj.benchmarks.simulation.cost.StepShape;
import ai.falaj.benchmarks.simulation.trace.TraceRequest;
import java.util.Set;

/**
 * A scheduler as the simulation drives it: {@link #plan} and {@link #apply} alternate, as long as
 * plans are not idle. Confined to one thread.
 */
public interface SimulatedScheduler {

  void enqueue(TraceRequest request);

  /** The next step, or an idle one when there is nothing to compute. */
  StepShape plan(long nowMs);

  /**
   * What came of the last plan.
   *
   * @param finished sequences whose last token was chosen in it
   */
  void apply(Set<Long> finished, long durationNanos);
}
