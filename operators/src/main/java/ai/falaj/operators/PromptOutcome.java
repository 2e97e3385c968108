package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import java.util.Objects;
import java.util.Optional;

/**
 * A record of the operator's input with what became of it: the completion, or why there is none.
 * For who needs the record itself back, with its bytes, and not only its request's id. Immutable.
 *
 * @param reused whether the completion was made for an equal request ({@link AnswerReuse}): its
 *     usage and timings are those of that one
 */
public record PromptOutcome(
    PromptRecord prompt,
    Optional<Completion> completion,
    Optional<DeadLetter> deadLetter,
    boolean reused) {

  public PromptOutcome {
    Objects.requireNonNull(prompt, "prompt");
    if (completion.isPresent() == deadLetter.isPresent()) {
      throw new IllegalArgumentException(
          "a prompt ends as a completion or as a dead letter: " + prompt.origin());
    }
  }

  public static PromptOutcome completed(PromptRecord prompt, Completion answer, boolean reused) {
    return new PromptOutcome(prompt, Optional.of(answer), Optional.empty(), reused);
  }

  public static PromptOutcome failed(PromptRecord prompt, DeadLetter letter) {
    return new PromptOutcome(prompt, Optional.empty(), Optional.of(letter), false);
  }
}
