package ai.falaj.operators.reasoning;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import java.util.Objects;

/**
 * What the solver made of one sample. Immutable; nobody changes the completion that it holds.
 *
 * @param index of the sample, 0 for the first
 */
public record Candidate(int index, Completion completion) {

  public Candidate {
    Objects.requireNonNull(completion, "completion");
  }

  /** Whether the solver ended it, and neither a deadline nor the client. */
  boolean isComplete() {
    FinishReason reason = completion.getFinishReason();
    return reason != FinishReason.DEADLINE && reason != FinishReason.CANCELLED;
  }
}
