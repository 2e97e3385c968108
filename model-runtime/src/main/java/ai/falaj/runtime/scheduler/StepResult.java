package ai.falaj.runtime.scheduler;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What came of a {@link StepPlan}.
 *
 * @param outcomes one for each work that samples, in any order
 * @param failed whether the engine failed: it holds no KV entries any more then, saved ones
 *     included. All running sequences, those that were not in the plan too, wait again and start
 *     over from the tokens that they have
 * @param durationNanos of the step; 0 if it was not measured
 */
public record StepResult(List<Outcome> outcomes, boolean failed, long durationNanos) {

  public StepResult {
    outcomes = List.copyOf(outcomes);
    if (failed && !outcomes.isEmpty()) {
      throw new IllegalArgumentException("a step that failed has no outcomes: " + outcomes);
    }
    Set<Long> ids = new HashSet<>();
    for (Outcome outcome : outcomes) {
      if (!ids.add(outcome.sequenceId())) {
        throw new IllegalArgumentException("two outcomes of sequence " + outcome.sequenceId());
      }
    }
  }

  public static StepResult of(List<Outcome> outcomes, long durationNanos) {
    return new StepResult(outcomes, false, durationNanos);
  }

  public static StepResult failure() {
    return new StepResult(List.of(), true, 0);
  }

  /**
   * The next tokens of one sequence.
   *
   * @param newTokens those guesses that were right, then the token that was chosen after them; at
   *     least one, at most one more than there were guesses. Must not be changed afterwards
   * @param finished whether the sequence needs no further step
   * @param offeredDrafts guesses that the engine has for the tokens that follow
   */
  public record Outcome(long sequenceId, int[] newTokens, boolean finished, int offeredDrafts) {

    public Outcome {
      if (newTokens.length < 1 || offeredDrafts < 0) {
        throw new IllegalArgumentException(
            "sequence %d has %d new tokens and %d offered drafts"
                .formatted(sequenceId, newTokens.length, offeredDrafts));
      }
    }

    /** One token, no guesses. */
    public static Outcome of(long sequenceId, int token, boolean finished) {
      return new Outcome(sequenceId, new int[] {token}, finished, 0);
    }
  }
}
