package ai.falaj.operators.reasoning;

import ai.falaj.operators.reasoning.JsonReplies.UselessReplyException;
import ai.falaj.operators.reasoning.JsonReplies.Verdict;
import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningVerdict;
import ai.falaj.schemas.SamplingParameters;
import java.util.List;
import java.util.Map;

/**
 * The judge compares the best finalist so far with the next one. Only a verdict for the next one
 * changes anything: a tie, a reply that names neither and a judge that fails leave the best as it
 * was.
 *
 * @param round 1 for the first comparison
 */
record JudgeStep(ReasoningOptions options, int round) implements ReasoningStep {

  private static final long serialVersionUID = 1L;

  /** How much of a reasoning without an answer the judge sees. */
  private static final int TAIL_CHARS = 2_000;

  @Override
  public String name() {
    return "judge-" + round;
  }

  @Override
  public List<Call> calls(Problem problem) {
    if (problem.isDecided() || problem.trace().getFinalists().size() <= round) {
      return List.of();
    }
    String prompt =
        options
            .prompts()
            .compare(
                problem.trace().getQuestion(),
                shown(problem.candidate(incumbent(problem))),
                shown(problem.candidate(challenger(problem))));
    SamplingParameters sampling =
        JsonReplies.held(options.judgeSampling(), options.replyFormat(), JsonReplies.VERDICT_SCHEMA)
            .setSeed(Call.seed(problem, round))
            .build();
    return List.of(
        Call.ofJob(
            problem,
            id(problem),
            Call.messages(options.prompts().judgeSystem(), prompt),
            sampling));
  }

  private String id(Problem problem) {
    return problem.request().getRequestId() + "#" + name();
  }

  private int challenger(Problem problem) {
    return problem.trace().getFinalists().get(round);
  }

  /** The winner of the comparisons so far; the first finalist before there are any. */
  static int incumbent(Problem problem) {
    List<ReasoningVerdict> verdicts = problem.trace().getVerdicts();
    return verdicts.isEmpty()
        ? problem.trace().getFinalists().get(0)
        : verdicts.get(verdicts.size() - 1).getWinner();
  }

  private static String shown(Candidate candidate) {
    Completion completion = candidate.completion();
    if (!completion.getAnswer().isBlank() || completion.getReasoning() == null) {
      return completion.getAnswer();
    }
    String reasoning = completion.getReasoning();
    int start = Math.max(0, reasoning.length() - TAIL_CHARS);
    if (start > 0 && Character.isLowSurrogate(reasoning.charAt(start))) {
      start++;
    }
    return "(There is no answer. This is the end of the reasoning:) " + reasoning.substring(start);
  }

  @Override
  public Problem advance(Problem problem, Map<String, CallResult> results, long nowMs) {
    CallResult result = results.get(id(problem));
    int incumbent = incumbent(problem);
    int challenger = challenger(problem);
    ReasoningVerdict.Builder verdict =
        ReasoningVerdict.newBuilder()
            .setIncumbent(incumbent)
            .setChallenger(challenger)
            .setWinner(incumbent)
            .setDecided(false);
    ReasoningCall call = CallRecords.of(CallRole.JUDGE, result);
    if (result.completion().isPresent()) {
      try {
        Verdict given = JsonReplies.verdict(result.completion().get().getAnswer());
        verdict
            .setWinner(given.second() ? challenger : incumbent)
            .setDecided(true)
            .setExplanation(given.explanation());
      } catch (UselessReplyException e) {
        call = CallRecords.ofUselessReply(CallRole.JUDGE, result, e.getMessage());
        verdict.setExplanation(e.getMessage());
      }
    } else {
      verdict.setExplanation(call.getErrorMessage());
    }
    return problem.with(
        problem
            .nextTrace()
            .setVerdicts(
                CallRecords.append(problem.trace().getVerdicts(), List.of(verdict.build())))
            .setCalls(CallRecords.append(problem.trace().getCalls(), List.of(call))));
  }
}
