package ai.falaj.operators.reasoning;

import java.io.Serializable;
import java.util.Optional;

/**
 * The form in which answers are compared in a vote. It has to make equal answers look equal, not to
 * know which are right. Any thread.
 */
@FunctionalInterface
public interface AnswerForm extends Serializable {

  /** Empty where the answer cannot be compared. */
  Optional<String> of(String answer);
}
