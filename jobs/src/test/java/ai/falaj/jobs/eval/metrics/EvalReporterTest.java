package ai.falaj.jobs.eval.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.jobs.eval.grading.Grader;
import ai.falaj.jobs.eval.metrics.EvalReport.AtK;
import ai.falaj.jobs.eval.metrics.EvalReport.Unanswered;
import ai.falaj.jobs.eval.run.ProblemResult;
import ai.falaj.jobs.eval.run.Results;
import ai.falaj.jobs.eval.run.SampleResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvalReporterTest {

  private final EvalReporter reporter = new EvalReporter();

  @Test
  void countsProblemsWithoutACompletionAsWrongAndListsThem() {
    EvalReport report =
        reporter.report(
            "sums",
            null,
            1,
            List.of(
                Results.of("a", "4", "#### 4"),
                Results.of("b", "5", null, List.of("6 or"), "LENGTH"),
                Results.deadLetter("c")),
            List.of("d"));

    assertThat(report.problems()).isEqualTo(4);
    assertThat(report.passAt1().value()).isEqualTo(0.25);
    assertThat(report.passAt1().method()).isEqualTo("wilson");
    assertThat(report.deadLetters())
        .containsExactly(new Unanswered("c", "PROMPT_TOO_LONG", "the prompt is too long"));
    assertThat(report.missing()).containsExactly("d");
    assertThat(report.counts()).isEqualTo(new EvalReport.Counts(2, 2, 1, 0, 1, 1));
    assertThat(report.finishReasons()).containsEntry("LENGTH", 1).containsEntry("STOP", 1);
    assertThat(report.label()).isEqualTo("scripted");
    assertThat(report.majority()).isNull();
    assertThat(report.judged()).isNull();
    assertThat(report.completionTokens().value()).isEqualTo(10);
    assertThat(report.secondsPerProblem().value()).isEqualTo(1.5);
    assertThat(report.generationSecondsPerProblem().value()).isEqualTo(1.0);
  }

  @Test
  void tellsOneSampleFromSeveralFromAVote() {
    EvalReport report =
        reporter.report(
            "sums",
            "mine",
            4,
            List.of(
                Results.of("a", "4", "#### 4", "#### 5", "#### 4.0", "#### 6"),
                Results.of("b", "7", 2, List.of("#### 8", "#### 8", "#### 7", "none"), "STOP")),
            List.of());

    assertThat(report.passAt1().value()).isEqualTo((0.5 + 0.25) / 2, within(1e-12));
    assertThat(report.passAt1().method()).isEqualTo("bootstrap");
    assertThat(report.passAtK()).extracting(AtK::k).containsExactly(2, 4);
    assertThat(report.passAtK().get(1).estimate().value()).isEqualTo(1);
    assertThat(report.majority().value()).as("4 wins, 8 wins").isEqualTo(0.5);
    assertThat(report.judged().value()).as("chosen for b only").isEqualTo(0.5);
    assertThat(report.label()).isEqualTo("mine");
  }

  @Test
  void letsTheFirstOfEqualAnswersWinAndNobodyVoteWithoutAnAnswer() {
    MajorityVote vote = new MajorityVote(new Grader());
    ProblemResult tie = Results.of("a", "4", "no idea", "#### 1/2", "#### 4", "#### 4", "#### 0.5");

    assertThat(vote.winner(tie)).map(SampleResult::index).contains(1);
    assertThat(vote.winner(Results.of("a", "4", "no idea"))).isEmpty();
  }

  @Test
  void reportsARunThatNobodyAnswered() {
    EvalReport report =
        reporter.report("sums", null, 2, List.of(Results.deadLetter("a")), List.of("b"));

    assertThat(report.passAt1().value()).isZero();
    assertThat(report.model()).isNull();
    assertThat(report.completionTokens()).isNull();
  }
}
