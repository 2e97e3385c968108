package ai.falaj.jobs.eval.run;

import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningTrace;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the roles of a reasoning job spent on a problem, without the calls that were late. */
public record RoleCosts(Cost planner, Cost solver, Cost judge) {

  /**
   * Of one role.
   *
   * @param calls that were made, failed ones included
   * @param prompt tokens that were read
   * @param completion tokens that were written
   */
  public record Cost(int calls, int prompt, int completion) {}

  static RoleCosts of(ReasoningTrace trace) {
    return new RoleCosts(
        cost(trace, EnumSet.of(CallRole.TOPICS, CallRole.PLAN)),
        cost(trace, EnumSet.of(CallRole.SOLVE)),
        cost(trace, EnumSet.of(CallRole.JUDGE)));
  }

  private static Cost cost(ReasoningTrace trace, Set<CallRole> roles) {
    List<ReasoningCall> calls =
        trace.getCalls().stream().filter(call -> roles.contains(call.getRole())).toList();
    int prompt = 0;
    int completion = 0;
    for (ReasoningCall call : calls) {
      if (call.getUsage() != null) {
        prompt += call.getUsage().getPromptTokens();
        completion += call.getUsage().getCompletionTokens();
      }
    }
    return new Cost(calls.size(), prompt, completion);
  }
}
