package ai.falaj.operators.reasoning;

import static ai.falaj.operators.reasoning.GatherFixture.answer;
import static ai.falaj.operators.reasoning.GatherFixture.failure;
import static ai.falaj.operators.reasoning.GatherFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.Prompts;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningOutcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Joining, waiting and restoring, in the middle of each stage. */
class GatherFunctionTest {

  private static final long SOFT_MS = 1_000;
  private static final long HARD_MS = 10_000;

  private static final ReasoningOptions OPTIONS = options(HardTimeoutAction.DEAD_LETTER).build();
  private static final TopicsStep TOPICS = new TopicsStep(OPTIONS);
  private static final PlanStep PLAN = new PlanStep(OPTIONS);
  private static final SolveStep SOLVE = new SolveStep(OPTIONS);
  private static final JudgeStep JUDGE = new JudgeStep(OPTIONS, 1);

  private static ReasoningOptions.Builder options(HardTimeoutAction onHard) {
    return ReasoningOptions.builder()
        .patience(new Patience(Duration.ofMillis(SOFT_MS), Duration.ofMillis(HARD_MS), onHard));
  }

  private static Problem through(ReasoningStep step, Problem problem, String... answers)
      throws Exception {
    try (GatherFixture gather = GatherFixture.open(step)) {
      gather.problem(problem);
      List<Call> calls = step.calls(problem);
      for (int i = 0; i < calls.size(); i++) {
        gather.result(answer(problem, calls.get(i), answers[i]));
      }
      return gather.left();
    }
  }

  private static final String HARD_REPLY =
      "{\"is_hard_problem\": true, \"plan\": \"\", \"search_list\": [\"water\"]}";

  @Test
  void topicsWaitAcrossARestart() throws Exception {
    Problem problem = problem("r1", OPTIONS);
    GatherFixture gather = GatherFixture.open(TOPICS);
    gather.problem(problem);
    assertThat(gather.events()).isEmpty();
    try (GatherFixture restored = gather.restart(TOPICS)) {
      restored.result(answer(problem, TOPICS.calls(problem).get(0), HARD_REPLY));

      assertThat(restored.left().trace().getPlans().get(0).getTopics()).containsExactly("water");
      assertThat(restored.keysWithState()).isZero();
    }
  }

  @Test
  void planWaitsAcrossARestart() throws Exception {
    Problem hard = through(TOPICS, problem("r1", OPTIONS), HARD_REPLY);
    GatherFixture gather = GatherFixture.open(PLAN);
    gather.problem(hard);
    try (GatherFixture restored = gather.restart(PLAN)) {
      restored.result(answer(hard, PLAN.calls(hard).get(0), "<plan> measure </plan>"));

      assertThat(restored.left().trace().getPlans().get(0).getPlan()).isEqualTo("measure");
    }
  }

  @Test
  void candidatesWaitAcrossARestartAndTheSoftTimeoutStillComes() throws Exception {
    Problem problem = solvable();
    List<Call> calls = SOLVE.calls(problem);
    GatherFixture gather = GatherFixture.open(SOLVE);
    gather.problem(problem);
    gather.result(answer(problem, calls.get(1), "one"));
    gather.timeIs(SOFT_MS - 1);
    assertThat(gather.events()).isEmpty();
    try (GatherFixture restored = gather.restart(SOLVE)) {
      restored.timeIs(SOFT_MS);

      Problem solved = restored.left();
      assertThat(solved.candidates()).extracting(Candidate::index).containsExactly(1);
      assertThat(solved.trace().getFinalists()).containsExactly(1);
      assertThat(solved.trace().getSoftTimeout()).isTrue();
      assertThat(solved.trace().getCandidates())
          .extracting(ReasoningCandidate::getState)
          .containsExactly(CandidateState.LATE, CandidateState.COMPLETE, CandidateState.LATE);
    }
  }

  @Test
  void verdictWaitsAcrossARestart() throws Exception {
    Problem solved = through(SOLVE, solvable(), "a", "b", "c");
    GatherFixture gather = GatherFixture.open(JUDGE);
    gather.problem(solved);
    try (GatherFixture restored = gather.restart(JUDGE)) {
      restored.result(
          answer(solved, JUDGE.calls(solved).get(0), "{\"index\":1,\"explanation\":\"b\"}"));

      assertThat(JudgeStep.incumbent(restored.left())).isEqualTo(1);
    }
  }

  private static Problem solvable() throws Exception {
    return through(
        TOPICS,
        problem("r1", OPTIONS),
        "{\"is_hard_problem\": false, \"plan\": \"\", \"search_list\": []}");
  }

  @Test
  void resultsMayComeBeforeTheirProblem() throws Exception {
    Problem problem = problem("r1", OPTIONS);
    GatherFixture gather = GatherFixture.open(TOPICS);
    gather.result(answer(problem, TOPICS.calls(problem).get(0), HARD_REPLY));
    try (GatherFixture restored = gather.restart(TOPICS)) {
      restored.problem(problem);

      assertThat(restored.left().trace().getPlans()).hasSize(1);
      assertThat(restored.keysWithState()).isZero();
    }
  }

  @Test
  void lateResultsAreDroppedAlsoAfterARestartAndLeaveNothingBehind() throws Exception {
    Problem problem = solvable();
    List<Call> calls = SOLVE.calls(problem);
    GatherFixture gather = GatherFixture.open(SOLVE);
    gather.problem(problem);
    gather.result(answer(problem, calls.get(0), "zero"));
    gather.timeIs(SOFT_MS);
    assertThat(gather.events()).hasSize(1);
    gather.result(failure(problem, calls.get(1)));
    try (GatherFixture restored = gather.restart(SOLVE)) {
      assertThat(restored.keysWithState()).isPositive();
      restored.result(answer(problem, calls.get(2), "two"));

      assertThat(restored.events()).isEmpty();
      assertThat(restored.keysWithState()).isZero();
      assertThat(restored.timers()).isZero();
    }
  }

  @Test
  void afterTheSoftTimeoutTheFirstCompleteCandidateIsTaken() throws Exception {
    Problem problem = solvable();
    List<Call> calls = SOLVE.calls(problem);
    try (GatherFixture gather = GatherFixture.open(SOLVE)) {
      gather.problem(problem);
      gather.result(failure(problem, calls.get(0)));
      gather.timeIs(SOFT_MS);
      assertThat(gather.events()).as("none is complete").isEmpty();
      gather.timeIs(2 * SOFT_MS);
      gather.result(answer(problem, calls.get(2), "two"));

      assertThat(gather.left().trace().getFinalists()).containsExactly(2);
      assertThat(gather.left().trace().getHardTimeout()).isFalse();
    }
  }

  @Test
  void theHardTimeoutGivesTheProblemUp() throws Exception {
    Problem problem = solvable();
    try (GatherFixture gather = GatherFixture.open(SOLVE)) {
      gather.problem(problem);
      gather.timeIs(HARD_MS);

      assertThat(gather.left().trace().getOutcome()).isEqualTo(ReasoningOutcome.FAILED);
      assertThat(gather.left().trace().getErrorCode()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(gather.left().trace().getHardTimeout()).isTrue();
    }
  }

  @Test
  void theHardTimeoutTakesTheBestPartialCandidateWhereToldTo() throws Exception {
    SolveStep partial = new SolveStep(options(HardTimeoutAction.BEST_PARTIAL).build());
    Problem problem = solvable();
    List<Call> calls = partial.calls(problem);
    assertThat(calls)
        .extracting(call -> call.request().getDeadline().toEpochMilli())
        .containsOnly(GatherFixture.NOW_MS + HARD_MS);
    try (GatherFixture gather = GatherFixture.open(partial)) {
      gather.problem(problem);
      gather.timeIs(HARD_MS + 1);
      assertThat(gather.events()).as("the partial texts are on their way").isEmpty();
      gather.result(answer(problem, calls.get(0), "", FinishReason.DEADLINE));
      gather.result(failure(problem, calls.get(1)));
      gather.result(answer(problem, calls.get(2), "about", FinishReason.DEADLINE));

      Problem left = gather.left();
      assertThat(left.trace().getFinalists()).as("the one with an answer").containsExactly(2);
      assertThat(left.trace().getHardTimeout()).isTrue();
      assertThat(left.isDecided()).isFalse();
    }
  }

  @Test
  void theRaceEndsWithTheFirstCompleteCandidate() throws Exception {
    SolveStep race = new SolveStep(ReasoningOptions.builder().selection(Selection.FIRST).build());
    Problem problem = solvable();
    try (GatherFixture gather = GatherFixture.open(race)) {
      gather.problem(problem);
      gather.result(failure(problem, race.calls(problem).get(0)));
      assertThat(gather.events()).isEmpty();
      gather.result(answer(problem, race.calls(problem).get(1), "one"));

      assertThat(gather.left().trace().getFinalists()).containsExactly(1);
    }
  }

  @Test
  void aCancellationMarksTheProblemThatWaitsAndFollowsTheOneThatLeft() throws Exception {
    Problem problem = solvable();
    List<Call> calls = SOLVE.calls(problem);
    ProblemCancellation cancellation =
        new ProblemCancellation(problem.key(), Prompts.cancellation("r1"));
    GatherFixture gather = GatherFixture.open(SOLVE);
    gather.problem(problem);
    gather.result(answer(problem, calls.get(0), "zero"));
    gather.problem(cancellation);
    try (GatherFixture restored = gather.restart(SOLVE)) {
      assertThat(restored.events()).isEmpty();
      restored.result(answer(problem, calls.get(1), "", FinishReason.CANCELLED));
      restored.result(answer(problem, calls.get(2), "", FinishReason.CANCELLED));
      assertThat(restored.left().isCancelled()).isTrue();
      assertThat(restored.left().trace().getFinalists()).containsExactly(0);
      assertThat(JUDGE.calls(restored.left())).isEmpty();

      restored.problem(cancellation);
      assertThat(restored.events()).last().isEqualTo(cancellation);
      assertThat(restored.keysWithState()).isZero();
    }
  }

  @Test
  void aProblemThatNeedsNoCallFlowsPast() throws Exception {
    Problem problem = solvable();
    try (GatherFixture gather = GatherFixture.open(PLAN)) {
      gather.problem(problem);

      assertThat(gather.left()).isEqualTo(problem);
      assertThat(gather.keysWithState()).isZero();
    }
  }
}
