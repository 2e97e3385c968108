package ai.falaj.jobs.eval.run;

import ai.falaj.operators.reasoning.CandidateId;
import ai.falaj.schemas.AnswerSelection;
import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningTrace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The candidates of a reasoning job as samples of a problem. One that failed or was late is a
 * sample without an answer, whose finish reason says so. Pure.
 */
public final class Candidates {

  /** Finish reason of a sample whose answer a trace had no room for. */
  public static final String LEFT_OUT = "LEFT_OUT";

  private Candidates() {}

  /**
   * All candidates, not graded yet.
   *
   * @param completion of the same problem: it has the winner's text whatever the trace left out
   */
  static List<SampleResult> samples(
      ReasoningTrace trace, Completion completion, boolean keepsReasoning) {
    Map<Integer, ReasoningCall> calls = new HashMap<>();
    for (ReasoningCall call : trace.getCalls()) {
      if (call.getRole() == CallRole.SOLVE) {
        calls.put(CandidateId.parse(call.getCallId()).index(), call);
      }
    }
    return trace.getCandidates().stream()
        .map(
            candidate ->
                Objects.equals(candidate.getIndex(), trace.getWinner())
                    ? ReasoningCandidate.newBuilder(candidate)
                        .setAnswer(completion.getAnswer())
                        .setReasoning(completion.getReasoning())
                        .build()
                    : candidate)
        .map(candidate -> sample(candidate, calls.get(candidate.getIndex()), keepsReasoning))
        .toList();
  }

  private static SampleResult sample(
      ReasoningCandidate candidate, ReasoningCall call, boolean keepsReasoning) {
    boolean hasUsage = call != null && call.getUsage() != null;
    return new SampleResult(
        candidate.getIndex(),
        Objects.requireNonNullElse(candidate.getAnswer(), ""),
        keepsReasoning ? candidate.getReasoning() : null,
        finishReason(candidate, call),
        hasUsage ? call.getUsage().getReasoningTokens() : 0,
        hasUsage ? call.getUsage().getCompletionTokens() : 0,
        null,
        null,
        false);
  }

  private static String finishReason(ReasoningCandidate candidate, ReasoningCall call) {
    CandidateState state = candidate.getState();
    if (state != CandidateState.COMPLETE && state != CandidateState.CUT_SHORT) {
      return state.name();
    }
    return candidate.getAnswer() == null ? LEFT_OUT : call.getFinishReason().name();
  }

  /** Index of the candidate that the judge preferred; null where it was not the judge's to say. */
  static Integer judged(ReasoningTrace trace) {
    return trace.getSelection() == AnswerSelection.JUDGE ? trace.getWinner() : null;
  }
}
