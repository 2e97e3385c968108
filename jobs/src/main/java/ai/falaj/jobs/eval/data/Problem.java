package ai.falaj.jobs.eval.data;

import ai.falaj.jobs.eval.grading.AnswerKey;
import java.util.Objects;

/**
 * A problem with its right answer.
 *
 * @param id unique in its set
 */
public record Problem(String id, String question, AnswerKey key) {

  public Problem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(key, "key");
  }
}
