package ai.falaj.jobs.eval.grading;

import java.util.Optional;

/**
 * Grades texts. Give it what a model answered, never what it thought: a number in the reasoning is
 * no answer. Stateless, any thread.
 *
 * <p>Two answers are equal where they are the same mathematical object: the same number however it
 * is written, expressions of equal value, the same set, tuple, interval or matrix, the same word.
 * Units, currencies and percent signs may be left out; where both answers have a known unit, they
 * are converted. Details and their reasons are in {@code docs/EVALUATION.md}; the answers that
 * settle every doubtful case are in {@code tricky-answers.jsonl} among the tests.
 */
public final class Grader {

  private final AnswerExtractor extractor = new AnswerExtractor();

  /** Finds the answer in the text and compares it with the key. */
  public Grade grade(AnswerKey key, String text) {
    Optional<ExtractedAnswer> answer = extractor.extract(key, text);
    boolean correct =
        answer.isPresent() && isEqual(key.kind(), key.expected(), answer.get().text());
    return new Grade(answer, correct);
  }

  /**
   * Whether an answer is as good as the expected one. Nearly symmetric: only the unit of a single
   * letter ({@code 5 m}) is left out of the answer and never of what is expected.
   */
  public boolean isEqual(AnswerKind kind, String expected, String answer) {
    if (kind == AnswerKind.CHOICE) {
      return expected.equals(answer);
    }
    String wanted = AnswerNormalizer.normalize(expected);
    String given = AnswerNormalizer.normalize(answer);
    if (wanted.isEmpty() || given.isEmpty()) {
      return false;
    }
    if (wanted.equals(given)) {
      return true;
    }
    for (Reading reading : Reading.values()) {
      Value left = new AnswerReader(reading.ofExpected()).read(wanted);
      Value right = new AnswerReader(reading).read(given);
      if (ValueComparison.areEqual(left, right)) {
        return true;
      }
    }
    return false;
  }
}
