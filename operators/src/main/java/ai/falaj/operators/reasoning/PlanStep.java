package ai.falaj.operators.reasoning;

import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningPlan;
import ai.falaj.schemas.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The planner writes a plan for what it called hard. Without one the solver gets the question as it
 * is.
 */
record PlanStep(ReasoningOptions options) implements ReasoningStep {

  private static final long serialVersionUID = 1L;

  private static final String BEGIN = "<plan>";
  private static final String END = "</plan>";

  @Override
  public String name() {
    return "plan";
  }

  @Override
  public List<Call> calls(Problem problem) {
    List<Call> calls = new ArrayList<>();
    if (problem.isDecided()) {
      return calls;
    }
    for (ReasoningPlan plan : problem.trace().getPlans()) {
      if (isHard(plan)) {
        calls.add(call(problem, plan));
      }
    }
    return calls;
  }

  private static boolean isHard(ReasoningPlan plan) {
    return Boolean.TRUE.equals(plan.getHard());
  }

  private Call call(Problem problem, ReasoningPlan plan) {
    String prompt =
        options.prompts().plan(problem.trace().getQuestion(), JsonReplies.list(plan.getTopics()));
    int sample = plan.getSample() == null ? 0 : plan.getSample();
    SamplingParameters sampling =
        SamplingParameters.newBuilder(options.plannerSampling())
            .setSeed(Call.seed(problem, sample))
            .build();
    return Call.ofJob(problem, id(problem, plan), Call.messages("", prompt), sampling);
  }

  private static String id(Problem problem, ReasoningPlan plan) {
    return plan.getSample() == null
        ? problem.request().getRequestId() + "#plan"
        : CandidateId.of(problem, plan.getSample()) + "#plan";
  }

  @Override
  public Problem advance(Problem problem, Map<String, CallResult> results, long nowMs) {
    List<ReasoningPlan> plans = new ArrayList<>();
    List<ReasoningCall> made = new ArrayList<>();
    for (ReasoningPlan plan : problem.trace().getPlans()) {
      if (!isHard(plan)) {
        plans.add(plan);
        continue;
      }
      CallResult result = results.get(id(problem, plan));
      String text = result.completion().map(reply -> planOf(reply.getAnswer())).orElse("");
      plans.add(text.isEmpty() ? plan : ReasoningPlan.newBuilder(plan).setPlan(text).build());
      made.add(
          text.isEmpty() && result.completion().isPresent()
              ? CallRecords.ofUselessReply(CallRole.PLAN, result, "the reply has no plan")
              : CallRecords.of(CallRole.PLAN, result));
    }
    return problem.with(
        problem
            .nextTrace()
            .setPlans(plans)
            .setCalls(CallRecords.append(problem.trace().getCalls(), made)));
  }

  /** What stands between the last pair of tags; all of it where there is no end of a plan. */
  static String planOf(String reply) {
    int end = reply.lastIndexOf(END);
    if (end < 0) {
      return reply.strip();
    }
    int start = reply.lastIndexOf(END, end - 1);
    String plan = reply.substring(start < 0 ? 0 : start + END.length(), end);
    int begin = plan.lastIndexOf(BEGIN);
    return plan.substring(begin < 0 ? 0 : begin + BEGIN.length()).strip();
  }
}
