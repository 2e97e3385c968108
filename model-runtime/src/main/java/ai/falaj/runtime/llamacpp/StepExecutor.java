package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.llamacpp.ffi.Vocabulary;
import ai.falaj.runtime.scheduler.StepPlan;
import java.util.List;
import java.util.Optional;

/** Computes the steps that the scheduler plans. Confined to the decode thread. */
interface StepExecutor {

  Vocabulary vocabulary();

  /**
   * Computes one step.
   *
   * @param batch the generations of {@code plan.work()}, in the same order
   * @return the next token of each, by the same index, where its work {@code samples()}; nothing if
   *     the engine failed. The slots of the plan are cleared in that case
   */
  Optional<int[]> execute(StepPlan plan, List<Generation> batch);

  /** Why {@link #execute} last returned nothing, in one line. */
  String lastFailure();
}
