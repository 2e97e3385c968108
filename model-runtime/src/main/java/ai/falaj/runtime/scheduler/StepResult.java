package ai.falaj.runtime.scheduler;

import java.util.Set;

/**
 * What came of a {@link StepPlan}.
 *
 * @param finishedSequences sequences of the plan that need no further step
 * @param failed whether the engine failed: every sequence of the plan is gone then, its slot free;
 *     sequences that were not in the plan go on
 */
public record StepResult(Set<Long> finishedSequences, boolean failed) {

  public StepResult {
    finishedSequences = Set.copyOf(finishedSequences);
    if (failed && !finishedSequences.isEmpty()) {
      throw new IllegalArgumentException("a step that failed finishes none: " + finishedSequences);
    }
  }

  public static StepResult finished(Set<Long> sequences) {
    return new StepResult(sequences, false);
  }

  public static StepResult failure() {
    return new StepResult(Set.of(), true);
  }
}
