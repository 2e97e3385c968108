package ai.falaj.jobs.eval.grading;

/**
 * The answer as it stands in a text.
 *
 * @param source how it was found
 */
public record ExtractedAnswer(String text, Source source) {

  /** The marks of an answer, surest first. */
  public enum Source {
    /** {@code \boxed{42}}. */
    BOX,
    /** {@code #### 42}. */
    HASHES,
    /** {@code the answer is 42}. */
    PHRASE,
    /** The whole text is an answer. */
    WHOLE_TEXT,
    /** Nothing said which number is the answer; the last one was taken. */
    LAST_NUMBER,
    /** Nothing said which choice is the answer; the last one that was named was taken. */
    LAST_CHOICE
  }
}
