package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.io.Serializable;
import java.util.Optional;

/**
 * Looks at each answer before it leaves the {@link InferenceOperator}, and may ask something else
 * instead of it: once more, because it was of no use. What is asked instead takes the request's
 * place in the operator's state, so a checkpoint knows that it was asked. Called in the task
 * mailbox thread.
 */
@FunctionalInterface
public interface AnswerReview extends Serializable {

  /** Every answer may leave. */
  AnswerReview NONE = (asked, answer) -> Optional.empty();

  /**
   * @param asked what the answer is to; marks that an earlier call left in it say when to stop
   * @return what to ask instead, under the same request id; empty: the answer leaves
   */
  Optional<PromptRequest> askInstead(PromptRequest asked, Completion answer);
}
