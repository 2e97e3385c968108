/**
 * Decides whether a written answer is right. {@link ai.falaj.jobs.eval.grading.Grader} is the way
 * in: {@link ai.falaj.jobs.eval.grading.AnswerExtractor} finds the answer in a text, {@link
 * ai.falaj.jobs.eval.grading.AnswerReader} reads it as a {@link ai.falaj.jobs.eval.grading.Value},
 * {@link ai.falaj.jobs.eval.grading.ValueComparison} compares two of them.
 *
 * <p>Everything here is pure, and bounded in time and memory whatever a model writes.
 */
package ai.falaj.jobs.eval.grading;
