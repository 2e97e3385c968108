package ai.falaj.operators.reasoning;

import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningOutcome;
import ai.falaj.schemas.ReasoningPlan;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.SamplingParameters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The solver writes the candidates, each in a request of its own, so that one which fails harms no
 * other. They are waited for as {@link Patience} says; then the vote names the finalists.
 */
record SolveStep(ReasoningOptions options) implements ReasoningStep {

  private static final long serialVersionUID = 1L;

  /** The solver's own deadline ends partial candidates; they need a moment to arrive. */
  static final long PARTIAL_GRACE_MS = 30_000;

  @Override
  public String name() {
    return "solve";
  }

  @Override
  public List<Call> calls(Problem problem) {
    List<Call> calls = new ArrayList<>();
    if (problem.isDecided()) {
      return calls;
    }
    for (int sample = 0; sample < problem.trace().getSamples(); sample++) {
      calls.add(call(problem, sample));
    }
    return calls;
  }

  private Call call(Problem problem, int sample) {
    String question = Question.last(problem);
    String prompt =
        plan(problem, sample).map(plan -> options.prompts().solve(question, plan)).orElse(question);
    Call call =
        Call.ofClient(
            problem,
            CandidateId.of(problem, sample),
            Question.forSolver(problem, options.prompts().solverSystem(), prompt),
            sampling(problem, sample),
            sample == 0);
    return options.patience().onHard() == HardTimeoutAction.BEST_PARTIAL
        ? new Call(call.id(), endingInTime(problem, call.request()))
        : call;
  }

  private PromptRequest endingInTime(Problem problem, PromptRequest request) {
    Instant hard = Instant.ofEpochMilli(hardMs(problem));
    return request.getDeadline() != null && request.getDeadline().isBefore(hard)
        ? request
        : PromptRequest.newBuilder(request).setDeadline(hard).build();
  }

  private Optional<String> plan(Problem problem, int sample) {
    List<ReasoningPlan> plans = problem.trace().getPlans();
    return switch (options.planning()) {
      case NONE -> Optional.empty();
      case PER_PROBLEM -> Optional.ofNullable(plans.get(0).getPlan());
      case PER_SAMPLE -> Optional.ofNullable(plans.get(sample).getPlan());
    };
  }

  private SamplingParameters sampling(Problem problem, int sample) {
    SamplingParameters asked = problem.request().getSampling();
    SamplingParameters usual = options.solverSampling();
    SamplingParameters.Builder sampling =
        SamplingParameters.newBuilder(asked == null ? usual : asked);
    if (sampling.getTemperature() == null) {
      sampling.setTemperature(usual.getTemperature());
    }
    if (sampling.getTopP() == null) {
      sampling.setTopP(usual.getTopP());
    }
    if (sampling.getMaxTokens() == null) {
      sampling.setMaxTokens(usual.getMaxTokens());
    }
    return sampling.setN(null).setSeed(Call.seed(problem, sample)).build();
  }

  private long softMs(Problem problem) {
    return problem.startedAtMs() + options.patience().soft().toMillis();
  }

  private long hardMs(Problem problem) {
    return problem.startedAtMs() + options.patience().hard().toMillis();
  }

  /** When waiting ends whatever there is. */
  private long endMs(Problem problem) {
    return options.patience().onHard() == HardTimeoutAction.BEST_PARTIAL
        ? hardMs(problem) + PARTIAL_GRACE_MS
        : hardMs(problem);
  }

  @Override
  public List<Long> timersMs(Problem problem) {
    return List.of(softMs(problem), endMs(problem));
  }

  @Override
  public boolean isOver(Problem problem, int awaited, Map<String, CallResult> results, long nowMs) {
    if (results.size() >= awaited || nowMs >= endMs(problem)) {
      return true;
    }
    boolean anyComplete =
        results.values().stream()
            .flatMap(result -> result.completion().stream())
            .anyMatch(completion -> new Candidate(0, completion).isComplete());
    return anyComplete && (options.selection() == Selection.FIRST || nowMs >= softMs(problem));
  }

  @Override
  public Problem advance(Problem problem, Map<String, CallResult> results, long nowMs) {
    List<Candidate> candidates = new ArrayList<>();
    List<ReasoningCall> made = new ArrayList<>();
    List<ReasoningCandidate> recorded = new ArrayList<>();
    List<DeadLetter> failures = new ArrayList<>();
    for (int sample = 0; sample < problem.trace().getSamples(); sample++) {
      CallResult result = results.get(CandidateId.of(problem, sample));
      CandidateState state = CandidateState.LATE;
      if (result != null) {
        made.add(CallRecords.of(CallRole.SOLVE, result));
        state = CandidateState.FAILED;
        result.deadLetter().ifPresent(failures::add);
        if (result.completion().isPresent()) {
          Candidate candidate = new Candidate(sample, result.completion().get());
          candidates.add(candidate);
          state = candidate.isComplete() ? CandidateState.COMPLETE : CandidateState.CUT_SHORT;
        }
      }
      recorded.add(ReasoningCandidate.newBuilder().setIndex(sample).setState(state).build());
    }
    boolean anyComplete = candidates.stream().anyMatch(Candidate::isComplete);
    ReasoningTrace.Builder trace =
        problem
            .nextTrace()
            .setCalls(CallRecords.append(problem.trace().getCalls(), made))
            .setSoftTimeout(results.size() < recorded.size() && nowMs >= softMs(problem))
            .setHardTimeout(!anyComplete && nowMs >= hardMs(problem));
    if (candidates.isEmpty()) {
      fail(trace, problem, failures);
      return problem.with(trace.setCandidates(recorded));
    }
    Finalists finalists = Finalists.of(candidates, options.selection(), options.answerForm());
    return problem.with(
        trace.setCandidates(finalists.withVotes(recorded)).setFinalists(finalists.indexes()),
        candidates);
  }

  private void fail(ReasoningTrace.Builder trace, Problem problem, List<DeadLetter> failures) {
    trace.setOutcome(ReasoningOutcome.FAILED);
    if (failures.isEmpty()) {
      trace
          .setErrorCode(ErrorCode.TIMEOUT)
          .setErrorMessage(
              "none of %d candidates was complete after %s; raise the hard time-out or lower max_tokens"
                  .formatted(problem.trace().getSamples(), options.patience().hard()));
    } else {
      DeadLetter first = failures.get(0);
      trace
          .setErrorCode(first.getErrorCode())
          .setErrorMessage(
              "%d of %d candidates failed, the first of them: %s"
                  .formatted(failures.size(), problem.trace().getSamples(), first.getMessage()));
    }
  }
}
