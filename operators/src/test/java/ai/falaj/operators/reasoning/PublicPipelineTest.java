package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.operators.reasoning.RecipeScript.Fate;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningVerdict;
import ai.falaj.schemas.SamplingParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pipeline makes the calls of K2 Think's public one, prompt by prompt and role by role. Each
 * difference is a test of its own, and argued in docs/REASONING.md.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PublicPipelineTest {

  private static final String QUESTION = "What is the sum of {plan} and $7?";
  private static final Duration NEVER = Duration.ofMinutes(5);

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static PromptRecord question() {
    PromptRequest request = Prompts.request("q1", QUESTION);
    request.setSampling(SamplingParameters.newBuilder().setSeed(RecipeScript.SEED).build());
    return Prompts.record("q1", "q1", request);
  }

  private static ReasoningOptions options(int samples) {
    return ReasoningOptions.builder().samples(samples).planning(Planning.PER_SAMPLE).build();
  }

  private static void assertSameCalls(RecipeScript script, int samples) throws Exception {
    PublicPipeline expected = new PublicPipeline(script);
    Optional<Integer> winner = expected.run(QUESTION, samples);

    ReasoningRun run = new ReasoningRun(script).of(options(samples), NEVER, question());

    assertThat(run.calls()).containsExactlyInAnyOrderElementsOf(expected.calls());
    assertThat(judgeCalls(run.calls())).isEqualTo(judgeCalls(expected.calls()));
    assertThat(run.completion().getAnswer()).isEqualTo("answer " + winner.orElseThrow());
    assertThat(run.trace().getWinner()).isEqualTo(winner.orElseThrow());
    assertThat(run.deadLetters.values()).isEmpty();
  }

  /** In the order in which they were made: each depends on the one before. */
  private static List<AskedCall> judgeCalls(List<AskedCall> calls) {
    return calls.stream().filter(call -> call.model().equals("judge")).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void asksForAnEasyQuestionWhatThePublicPipelineAsks(int samples) throws Exception {
    assertSameCalls(RecipeScript.easy(), samples);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void asksForAHardQuestionWhatThePublicPipelineAsks(int samples) throws Exception {
    assertSameCalls(RecipeScript.hard(), samples);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void comparesTheBestSoFarWithTheNextOne(int preferred) throws Exception {
    assertSameCalls(RecipeScript.hard().prefers(preferred), 3);
  }

  /** Whatever is not 1, a runtime without schemas may say so, leaves the earlier one in place. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2, -1})
  void aTieLeavesTheEarlierCandidateInPlace(int verdict) throws Exception {
    assertSameCalls(RecipeScript.easy().otherwise(verdict), 3);
  }

  @Test
  void asksWithTheSameParameters() throws Exception {
    ReasoningRun run = new ReasoningRun(RecipeScript.hard()).of(options(3), NEVER, question());

    assertThat(run.solver.received())
        .allSatisfy(
            request -> {
              assertThat(request.sampling().temperature()).isEqualTo(1.0);
              assertThat(request.output()).isEqualTo(OutputFormat.TEXT);
              assertThat(request.samples()).isEqualTo(1);
            })
        .extracting(request -> request.sampling().seed().getAsLong())
        .containsExactlyInAnyOrder(100L, 101L, 102L);
    assertThat(run.planner.received())
        .filteredOn(request -> request.output() instanceof OutputFormat.JsonSchema)
        .as("topics as JSON")
        .hasSize(3);
    assertThat(run.planner.received())
        .filteredOn(request -> request.output().equals(OutputFormat.TEXT))
        .as("plans as text")
        .hasSize(3);
    assertThat(run.judge.received())
        .hasSize(2)
        .allMatch(request -> request.output() instanceof OutputFormat.JsonSchema);
  }

  /**
   * Difference: a candidate that is not there is not shown to the judge, which the public pipeline
   * does with a placeholder.
   */
  @Test
  void aFailingSampleSavesTheComparisonWithIt() throws Exception {
    RecipeScript script =
        RecipeScript.hard().fates(Fate.ANSWERS, Fate.FAILS, Fate.ANSWERS).prefers(2);
    ReasoningRun run = assertSameCallsButForPlaceholders(script, options(3), NEVER);

    assertThat(run.trace().getCandidates())
        .extracting(ReasoningCandidate::getState)
        .containsExactly(CandidateState.COMPLETE, CandidateState.FAILED, CandidateState.COMPLETE);
    assertThat(run.trace().getSoftTimeout()).isFalse();
  }

  @Test
  void theSoftTimeoutTakesWhatIsComplete() throws Exception {
    RecipeScript script =
        RecipeScript.hard().fates(Fate.ANSWERS, Fate.ANSWERS, Fate.HANGS).prefers(1);
    ReasoningOptions soft =
        ReasoningOptions.builder()
            .samples(3)
            .planning(Planning.PER_SAMPLE)
            .patience(
                new Patience(
                    Duration.ofSeconds(3), Duration.ofMinutes(5), HardTimeoutAction.DEAD_LETTER))
            .build();
    ReasoningRun run = assertSameCallsButForPlaceholders(script, soft, Duration.ofSeconds(6));

    assertThat(run.trace().getCandidates().get(2).getState()).isEqualTo(CandidateState.LATE);
    assertThat(run.trace().getSoftTimeout()).isTrue();
    assertThat(run.trace().getHardTimeout()).isFalse();
  }

  private static ReasoningRun assertSameCallsButForPlaceholders(
      RecipeScript script, ReasoningOptions options, Duration solverTimeout) throws Exception {
    PublicPipeline expected = new PublicPipeline(script);
    Optional<Integer> winner = expected.run(QUESTION, 3);
    List<AskedCall> withPlaceholder =
        expected.calls().stream().filter(call -> call.mentions(PublicPipeline.NO_ANSWER)).toList();
    assertThat(withPlaceholder).hasSize(1);
    List<AskedCall> others = new ArrayList<>(expected.calls());
    others.removeAll(withPlaceholder);

    ReasoningRun run = new ReasoningRun(script).of(options, solverTimeout, question());

    assertThat(run.calls()).containsExactlyInAnyOrderElementsOf(others);
    assertThat(run.completion().getAnswer()).isEqualTo("answer " + winner.orElseThrow());
    return run;
  }

  /** Difference: one plan for all candidates is the default, whose prompts are then the same. */
  @Test
  void plansOnceForAllCandidatesUnlessToldOtherwise() throws Exception {
    ReasoningRun run =
        new ReasoningRun(RecipeScript.hard()).of(ReasoningOptions.DEFAULT, NEVER, question());

    assertThat(run.planner.received()).hasSize(2);
    assertThat(run.solver.received()).hasSize(3);
    assertThat(run.solver.received())
        .extracting(GenerationRequest::prompt)
        .containsOnly(run.solver.received().get(0).prompt());
    assertThat(run.trace().getPlans()).hasSize(1);
    assertThat(run.trace().getPlans().get(0).getPlan()).isEqualTo("first think of 0");
  }

  /** Difference: a planner that fails costs the plan, in the public pipeline the sample. */
  @Test
  void aFailingPlannerLeavesTheSolverWithTheBareQuestion() throws Exception {
    ReasoningRun run =
        new ReasoningRun(RecipeScript.hard().brokenPlanner())
            .of(ReasoningOptions.DEFAULT, NEVER, question());

    assertThat(run.completion().getAnswer()).isEqualTo("answer 0");
    assertThat(run.solver.received())
        .allMatch(
            request -> AskedCall.of("", request).messages().get(1).content().equals(QUESTION));
    assertThat(run.trace().getPlans().get(0).getHard()).isNull();
    assertThat(run.trace().getCalls().get(0).getErrorCode()).isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  /** Difference: a judge that fails costs its comparison, in the public pipeline the question. */
  @Test
  void aJudgeThatSaysNothingOfUseLeavesTheEarlierCandidateInPlace() throws Exception {
    ReasoningRun run =
        new ReasoningRun(RecipeScript.easy().judgeSays("I prefer the second."))
            .of(ReasoningOptions.DEFAULT, NEVER, question());

    assertThat(run.completion().getAnswer()).isEqualTo("answer 0");
    assertThat(run.trace().getVerdicts())
        .hasSize(2)
        .allSatisfy(
            verdict -> {
              assertThat(verdict.getDecided()).isFalse();
              assertThat(verdict.getWinner()).isZero();
              assertThat(verdict.getExplanation()).isEqualTo("the reply has no JSON object");
            })
        .extracting(ReasoningVerdict::getChallenger)
        .containsExactly(1, 2);
  }

  /** The same as there: an error. Here it is a dead letter with the client's bytes. */
  @Test
  void whereAllSamplesFailThereIsNoAnswer() throws Exception {
    ReasoningRun run =
        new ReasoningRun(RecipeScript.easy().fates(Fate.FAILS, Fate.FAILS, Fate.FAILS))
            .of(ReasoningOptions.DEFAULT, NEVER, question());

    assertThat(new PublicPipeline(RecipeScript.easy().fates(Fate.FAILS)).run(QUESTION, 1))
        .isEmpty();
    assertThat(run.completions.values()).isEmpty();
    assertThat(run.judge.received()).isEmpty();
    assertThat(run.deadLetters.values())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getErrorCode()).isEqualTo(ErrorCode.PROMPT_TOO_LONG);
              assertThat(letter.getMessage()).startsWith("3 of 3 candidates failed");
              assertThat(Prompts.text(letter.getValue())).isEqualTo("value of q1");
            });
    assertThat(run.trace().getErrorCode()).isEqualTo(ErrorCode.PROMPT_TOO_LONG);
  }

  @Test
  void aRequestMayAskForFewerCandidates() throws Exception {
    PromptRecord one = question();
    ((PromptRecord.Request) one.content())
        .request()
        .setMetadata(Map.of(ReasoningOptions.SAMPLES_METADATA, "1", "origin", "test"));
    ReasoningRun run = new ReasoningRun(RecipeScript.easy()).of(options(3), NEVER, one);

    assertThat(run.solver.received()).hasSize(1);
    assertThat(run.judge.received()).isEmpty();
    assertThat(run.completion().getMetadata()).containsEntry("origin", "test");
  }
}
