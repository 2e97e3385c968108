package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.ExtractedAnswer;
import ai.falaj.jobs.eval.grading.Grade;
import ai.falaj.jobs.eval.grading.Grader;

/**
 * One of the answers to a problem, graded.
 *
 * @param answer the text that was graded
 * @param reasoning what the model thought; null unless it was to be kept
 * @param finishReason as the schema names it
 * @param extracted what was taken for the answer; null where the text has none
 * @param source how it was found; null where nothing was
 */
public record SampleResult(
    int index,
    String answer,
    String reasoning,
    String finishReason,
    int reasoningTokens,
    int completionTokens,
    String extracted,
    ExtractedAnswer.Source source,
    boolean correct) {

  /** The same, graded by this grader. */
  SampleResult graded(Grader grader, AnswerKey key) {
    Grade grade = grader.grade(key, answer);
    return new SampleResult(
        index,
        answer,
        reasoning,
        finishReason,
        reasoningTokens,
        completionTokens,
        grade.answer().map(ExtractedAnswer::text).orElse(null),
        grade.answer().map(ExtractedAnswer::source).orElse(null),
        grade.isCorrect());
  }
}
