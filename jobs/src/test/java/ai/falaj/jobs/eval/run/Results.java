package ai.falaj.jobs.eval.run;

import ai.falaj.jobs.eval.grading.AnswerKey;
import ai.falaj.jobs.eval.grading.AnswerKind;
import ai.falaj.jobs.eval.grading.Grader;
import java.util.List;
import java.util.stream.IntStream;

/** Results for tests. */
public final class Results {

  private Results() {}

  /** A graded problem whose samples answered these texts; the right one is as given. */
  public static ProblemResult of(String id, String expected, String... answers) {
    return of(id, expected, null, List.of(answers), "STOP");
  }

  public static ProblemResult of(
      String id, String expected, Integer judged, List<String> answers, String finishReason) {
    return new ProblemResult(
            id,
            "How much is " + id + "?",
            AnswerKey.of(AnswerKind.NUMBER, expected),
            null,
            IntStream.range(0, answers.size())
                .mapToObj(
                    i ->
                        new SampleResult(
                            i, answers.get(i), null, finishReason, 0, 10, null, null, false))
                .toList(),
            judged,
            new ProblemResult.TokenCounts(20, 0, 0, 10 * answers.size()),
            new ProblemResult.Times(500, 600, 1_500),
            null,
            new ProblemResult.MadeBy("scripted", null, "scripted", "1", null, 1, 1),
            "2027-01-31T08:00:00Z")
        .graded(new Grader());
  }

  public static ProblemResult deadLetter(String id) {
    return new ProblemResult(
        id,
        "How much is " + id + "?",
        AnswerKey.of(AnswerKind.NUMBER, "1"),
        new ProblemResult.Failure("PROMPT_TOO_LONG", "the prompt is too long"),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        "2027-01-31T08:00:00Z");
  }

  public static RunSettings settings(String label, int samples, String... ids) {
    return new RunSettings(
        "0123abcd",
        "2027-01-31T08:00:00Z",
        "0.1.0",
        "sums",
        List.of(ids),
        "fingerprint",
        "completion",
        "PLAIN 1",
        null,
        "{\"n\": " + samples + "}",
        samples,
        null,
        "model",
        label);
  }
}
