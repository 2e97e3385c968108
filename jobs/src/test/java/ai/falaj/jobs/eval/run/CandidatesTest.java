package ai.falaj.jobs.eval.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.schemas.AnswerSelection;
import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Provenance;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.SamplingParameters;
import ai.falaj.schemas.Timings;
import ai.falaj.schemas.Usage;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidatesTest {

  private static final Instant TIME = Instant.parse("2027-01-31T08:00:00Z");

  @Test
  void everyCandidateIsASampleThatSaysWhatBecameOfIt() {
    ReasoningTrace trace =
        trace(
            AnswerSelection.JUDGE,
            candidate(0, CandidateState.COMPLETE, "four"),
            candidate(1, CandidateState.LATE, null),
            candidate(2, CandidateState.FAILED, null),
            candidate(3, CandidateState.CUT_SHORT, "fi"));

    List<SampleResult> samples = Candidates.samples(trace, completion("four"), true);

    assertThat(samples).extracting(SampleResult::index).containsExactly(0, 1, 2, 3);
    assertThat(samples)
        .extracting(SampleResult::finishReason)
        .containsExactly("STOP", "LATE", "FAILED", "STOP");
    assertThat(samples).extracting(SampleResult::answer).containsExactly("four", "", "", "fi");
    assertThat(samples).extracting(SampleResult::completionTokens).containsExactly(7, 0, 0, 7);
    assertThat(samples.get(3).reasoning()).isEqualTo("why 3");
    assertThat(Candidates.samples(trace, completion("four"), false))
        .extracting(SampleResult::reasoning)
        .containsOnlyNulls();
    assertThat(Candidates.judged(trace)).isZero();
  }

  @Test
  void takesTheWinnersTextFromTheCompletionAndSaysWhichOthersAreLost() {
    ReasoningTrace trace =
        trace(
            AnswerSelection.JUDGE,
            candidate(0, CandidateState.COMPLETE, null),
            candidate(1, CandidateState.COMPLETE, null));

    List<SampleResult> samples = Candidates.samples(trace, completion("four"), false);

    assertThat(samples.get(0).answer()).isEqualTo("four");
    assertThat(samples.get(0).finishReason()).isEqualTo("STOP");
    assertThat(samples.get(1).answer()).isEmpty();
    assertThat(samples.get(1).finishReason()).isEqualTo("LEFT_OUT");
  }

  @Test
  void aVoteIsNoVerdictOfTheJudge() {
    assertThat(Candidates.judged(trace(AnswerSelection.MAJORITY))).isNull();
    assertThat(Candidates.judged(trace(AnswerSelection.FIRST))).isNull();
  }

  @Test
  void sharesTheTokensOutByRole() {
    ReasoningTrace trace =
        ReasoningTrace.newBuilder(trace(AnswerSelection.JUDGE))
            .setCalls(
                List.of(
                    call("q#topics", CallRole.TOPICS, 1),
                    call("q#plan", CallRole.PLAN, 2),
                    call("q#0/2", CallRole.SOLVE, 30),
                    failed("q#1/2", CallRole.SOLVE),
                    call("q#judge-1", CallRole.JUDGE, 4)))
            .build();

    assertThat(RoleCosts.of(trace))
        .isEqualTo(
            new RoleCosts(
                new RoleCosts.Cost(2, 20, 3),
                new RoleCosts.Cost(2, 10, 30),
                new RoleCosts.Cost(1, 10, 4)));
  }

  private static ReasoningCandidate candidate(int index, CandidateState state, String answer) {
    return ReasoningCandidate.newBuilder()
        .setIndex(index)
        .setState(state)
        .setAnswer(answer)
        .setReasoning(answer == null ? null : "why " + index)
        .build();
  }

  private static ReasoningCall call(String id, CallRole role, int completionTokens) {
    return ReasoningCall.newBuilder()
        .setCallId(id)
        .setRole(role)
        .setEndedAt(TIME)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(10, 0, 0, completionTokens))
        .build();
  }

  private static ReasoningCall failed(String id, CallRole role) {
    return ReasoningCall.newBuilder()
        .setCallId(id)
        .setRole(role)
        .setEndedAt(TIME)
        .setErrorCode(ErrorCode.TIMEOUT)
        .build();
  }

  private static ReasoningTrace trace(AnswerSelection selection, ReasoningCandidate... candidates) {
    List<ReasoningCall> calls =
        List.of(candidates).stream()
            .filter(candidate -> candidate.getState() != CandidateState.LATE)
            .map(
                candidate -> {
                  String id = "q#" + candidate.getIndex() + "/" + candidates.length;
                  return candidate.getState() == CandidateState.FAILED
                      ? failed(id, CallRole.SOLVE)
                      : call(id, CallRole.SOLVE, 7);
                })
            .toList();
    return ReasoningTrace.newBuilder()
        .setRequestId("q")
        .setQuestion("how many?")
        .setOutcome(ReasoningOutcome.ANSWERED)
        .setSamples(candidates.length)
        .setSelection(selection)
        .setCandidates(List.of(candidates))
        .setCalls(calls)
        .setWinner(0)
        .setStartedAt(TIME)
        .setCompletedAt(TIME)
        .build();
  }

  private static Completion completion(String answer) {
    return Completion.newBuilder()
        .setRequestId("q")
        .setAnswer(answer)
        .setFinishReason(FinishReason.STOP)
        .setUsage(new Usage(10, 0, 0, 7))
        .setTimings(new Timings(1L, 2L, 3L))
        .setProvenance(
            Provenance.newBuilder()
                .setModel("model")
                .setEngine("scripted")
                .setEngineVersion("1")
                .setSeed(1L)
                .setSampling(SamplingParameters.newBuilder().build())
                .setAttempts(1)
                .build())
        .setCompletedAt(TIME)
        .build();
  }
}
