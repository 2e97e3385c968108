package ai.falaj.operators.reasoning;

import ai.falaj.operators.reasoning.JsonReplies.Topics;
import ai.falaj.operators.reasoning.JsonReplies.UselessReplyException;
import ai.falaj.schemas.CallRole;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.ReasoningCall;
import ai.falaj.schemas.ReasoningPlan;
import ai.falaj.schemas.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The planner says whether the problem is hard, and what helps to solve it. One that fails to say
 * leaves the problem without a plan.
 */
record TopicsStep(ReasoningOptions options) implements ReasoningStep {

  private static final long serialVersionUID = 1L;

  @Override
  public String name() {
    return "topics";
  }

  @Override
  public List<Call> calls(Problem problem) {
    if (problem.isDecided() || options.planning() == Planning.NONE) {
      return List.of();
    }
    if (options.planning() == Planning.PER_PROBLEM) {
      return List.of(call(problem, problem.request().getRequestId() + "#topics", 0));
    }
    List<Call> calls = new ArrayList<>();
    for (int sample = 0; sample < problem.trace().getSamples(); sample++) {
      calls.add(call(problem, CandidateId.of(problem, sample) + "#topics", sample));
    }
    return calls;
  }

  private Call call(Problem problem, String id, int seedIndex) {
    SamplingParameters sampling =
        JsonReplies.held(
                options.plannerSampling(), options.replyFormat(), JsonReplies.TOPICS_SCHEMA)
            .setSeed(Call.seed(problem, seedIndex))
            .build();
    String prompt = options.prompts().topics(problem.trace().getQuestion());
    return Call.ofJob(problem, id, Call.messages("", prompt), sampling);
  }

  @Override
  public Problem advance(Problem problem, Map<String, CallResult> results, long nowMs) {
    List<ReasoningPlan> plans = new ArrayList<>();
    List<ReasoningCall> made = new ArrayList<>();
    List<Call> calls = calls(problem);
    for (int i = 0; i < calls.size(); i++) {
      CallResult result = results.get(calls.get(i).id());
      ReasoningPlan.Builder plan =
          ReasoningPlan.newBuilder()
              .setSample(options.planning() == Planning.PER_SAMPLE ? i : null);
      ReasoningCall call = CallRecords.of(CallRole.TOPICS, result);
      if (result.completion().isPresent()) {
        Completion completion = result.completion().get();
        try {
          Topics topics = JsonReplies.topics(completion.getAnswer());
          plan.setHard(topics.hard()).setTopics(topics.topics());
        } catch (UselessReplyException e) {
          call = CallRecords.ofUselessReply(CallRole.TOPICS, result, e.getMessage());
        }
      }
      made.add(call);
      plans.add(plan.build());
    }
    return problem.with(
        problem
            .nextTrace()
            .setPlans(plans)
            .setCalls(CallRecords.append(problem.trace().getCalls(), made)));
  }
}
