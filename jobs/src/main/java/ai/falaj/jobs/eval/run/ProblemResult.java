package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.Grader;
import java.util.List;

/**
 * What became of one problem: a line of a run's file, complete enough to be graded again. Fields
 * without a value are null.
 *
 * @param id of the problem
 * @param failure why there is no completion; null where there is one
 * @param samples in order of their index; empty with a failure
 * @param judged index of the sample that a judge chose, where one did
 * @param usage of all samples together; null with a failure
 * @param timings null with a failure
 * @param roles what each role of a reasoning job spent; null where another job answered
 * @param provenance what made the completion; null with a failure
 * @param completedAt when it ended, ISO-8601
 */
public record ProblemResult(
    String id,
    String question,
    AnswerKey key,
    Failure failure,
    List<SampleResult> samples,
    Integer judged,
    TokenCounts usage,
    Times timings,
    RoleCosts roles,
    MadeBy provenance,
    String completedAt) {

  public ProblemResult {
    samples = List.copyOf(samples);
  }

  /** A dead letter. */
  public record Failure(String code, String message) {}

  /** As the schema's {@code Usage}. */
  public record TokenCounts(int prompt, int cached, int reasoning, int completion) {}

  /** As the schema's {@code Timings}, in milliseconds. */
  public record Times(long queueMs, long timeToFirstTokenMs, long totalMs) {}

  /** As far as it matters to a table. */
  public record MadeBy(
      String model,
      String modelSha256,
      String engine,
      String engineVersion,
      String quantization,
      long seed,
      int attempts) {}

  /** The same, graded by this grader. */
  public ProblemResult graded(Grader grader) {
    return new ProblemResult(
        id,
        question,
        key,
        failure,
        samples.stream().map(sample -> sample.graded(grader, key)).toList(),
        judged,
        usage,
        timings,
        roles,
        provenance,
        completedAt);
  }
}
