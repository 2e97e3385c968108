package ai.falaj.jobs.client;

import ai.falaj.jobs.cli.Console;
import ai.falaj.jobs.cli.Style;
import ai.falaj.jobs.terminal.DisplayText;
import ai.falaj.operators.reasoning.CandidateId;
import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.CandidateState;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningCandidate;
import ai.falaj.schemas.ReasoningPlan;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.ReasoningVerdict;
import java.util.Optional;

/** Shows how an answer came about, for people: plan, candidates, verdicts. One thread. */
final class TracePrinter {

  private static final int SHOWN_CELLS = 100;

  private final Console console;

  TracePrinter(Console console) {
    this.console = console;
  }

  void print(ReasoningTrace trace) {
    for (ReasoningPlan plan : trace.getPlans()) {
      print(plan, trace);
    }
    if (!trace.getCandidates().isEmpty()) {
      heading("candidates");
    }
    for (ReasoningCandidate candidate : trace.getCandidates()) {
      print(candidate, trace);
    }
    if (!trace.getVerdicts().isEmpty()) {
      heading("verdicts");
      trace.getVerdicts().forEach(this::print);
    }
    printTimes(trace);
  }

  private void heading(String text) {
    console.say(console.styled(Style.BOLD, text));
  }

  private void print(ReasoningPlan plan, ReasoningTrace trace) {
    heading("plan" + (plan.getSample() == null ? "" : " of candidate " + plan.getSample()));
    if (plan.getHard() == null) {
      console.say("  none: the planner failed, " + shown(failure(trace)));
    } else if (!plan.getHard()) {
      console.say("  none: the problem is not hard");
    } else {
      console.say("  topics: " + shown(String.join("; ", plan.getTopics())));
      console.say(
          "  " + Optional.ofNullable(plan.getPlan()).map(TracePrinter::shown).orElse("none"));
    }
  }

  private static String failure(ReasoningTrace trace) {
    return trace.getCalls().stream()
        .filter(call -> call.getRole() == CallRole.TOPICS && call.getErrorMessage() != null)
        .map(ReasoningCall::getErrorMessage)
        .findFirst()
        .orElse("for no reason that it gave");
  }

  private void print(ReasoningCandidate candidate, ReasoningTrace trace) {
    StringBuilder line = new StringBuilder("  " + candidate.getIndex() + "  ");
    if (candidate.getState() == CandidateState.COMPLETE) {
      call(trace, candidate.getIndex())
          .ifPresent(
              call ->
                  line.append(
                      "%d tokens in %.1f s  "
                          .formatted(
                              call.getUsage().getCompletionTokens(),
                              call.getTimings().getTotalMs() / 1e3)));
    } else {
      line.append(candidate.getState()).append("  ");
    }
    if (candidate.getVote() != null) {
      line.append("votes for ").append(shown(candidate.getVote())).append("  ");
    }
    if (candidate.getAnswer() != null) {
      line.append(shown(candidate.getAnswer()));
    }
    boolean won = candidate.getIndex() == Optional.ofNullable(trace.getWinner()).orElse(-1);
    console.say(won ? console.styled(Style.GREEN, line.toString()) : line.toString());
  }

  private static Optional<ReasoningCall> call(ReasoningTrace trace, int candidate) {
    return trace.getCalls().stream()
        .filter(call -> call.getRole() == CallRole.SOLVE)
        .filter(call -> CandidateId.parse(call.getCallId()).index() == candidate)
        .findFirst();
  }

  private void print(ReasoningVerdict verdict) {
    console.say(
        "  %d or %d: %s%s"
            .formatted(
                verdict.getIncumbent(),
                verdict.getChallenger(),
                verdict.getDecided() ? verdict.getWinner() : "undecided",
                verdict.getExplanation() == null ? "" : ", " + shown(verdict.getExplanation())));
  }

  private void printTimes(ReasoningTrace trace) {
    int tokens =
        trace.getCalls().stream()
            .filter(call -> call.getUsage() != null)
            .mapToInt(call -> call.getUsage().getCompletionTokens())
            .sum();
    double seconds =
        (trace.getCompletedAt().toEpochMilli() - trace.getStartedAt().toEpochMilli()) / 1e3;
    console.say(
        console.styled(
            Style.DIM,
            "%d calls, %d tokens, %.1f s%s"
                .formatted(
                    trace.getCalls().size(),
                    tokens,
                    seconds,
                    trace.getSoftTimeout() ? ", soft time-out" : "")));
  }

  private static String shown(String text) {
    return DisplayText.clip(DisplayText.oneLine(text), SHOWN_CELLS);
  }
}
