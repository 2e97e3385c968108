package ai.falaj.operators.reasoning;

import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What planner, solver and judge are asked. The defaults ask for the same as the prompts of K2
 * Think's public pipeline, in other words; whoever has those may put them here.
 *
 * @param topics asks whether a {@code question} is hard and what helps to solve it
 * @param plan asks for a plan for a {@code question}, given its {@code topics}
 * @param solverSystem tells the solver how to answer; empty: nothing
 * @param solve asks a {@code question}, given a {@code plan}
 * @param judgeSystem tells the judge what it is for; empty: nothing
 * @param compare shows a {@code question}, the {@code first} answer and the {@code second}
 */
public record ReasoningPrompts(
    PromptTemplate topics,
    PromptTemplate plan,
    String solverSystem,
    PromptTemplate solve,
    String judgeSystem,
    PromptTemplate compare)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  public static final String DEFAULT_TOPICS =
      """
      Decide whether the following is a hard problem of mathematics, science or programming, or a question that can \
      only be answered with knowledge that has to be looked up. If it is, sketch a plan and name at most four topics \
      that one would look up to solve it, each as specific as "bounds on sums of symmetric polynomials" or "inclusion \
      and exclusion for counting problems". Reply with a JSON object with the fields is_hard_problem (true or false), \
      plan (text) and search_list (list of texts).

      {question}""";

  public static final String DEFAULT_PLAN =
      """
      Write a plan for solving the question below; the topics may help. The plan must not contain the answer, a \
      candidate for it, or anything that gives it away. Put the plan between <plan> and </plan>.

      <question>{question}</question>
      <topics>{topics}</topics>""";

  public static final String DEFAULT_SOLVER_SYSTEM =
      """
      You are K2-Think, an assistant made by MBZUAI. Think a question through before you answer it: write your \
      reasoning between <think> and </think>, and after it the answer between <answer> and </answer>.""";

  public static final String DEFAULT_SOLVE =
      """
      <question>{question}</question>
      These ideas may help to solve it:
      <ideas>{plan}</ideas>
      Use them as far as they are of use, and answer the question.""";

  public static final String DEFAULT_JUDGE_SYSTEM =
      """
      You compare two responses to a question and are strict. Reply with a JSON object: index is 0 if response 0 \
      answers the question better and 1 if response 1 does, explanation says why.""";

  public static final String DEFAULT_COMPARE =
      """
      Question: {question}
      Response 0: {first}
      Response 1: {second}""";

  public static final ReasoningPrompts DEFAULT =
      of(
          DEFAULT_TOPICS,
          DEFAULT_PLAN,
          DEFAULT_SOLVER_SYSTEM,
          DEFAULT_SOLVE,
          DEFAULT_JUDGE_SYSTEM,
          DEFAULT_COMPARE);

  public ReasoningPrompts {
    Objects.requireNonNull(topics, "topics");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(solverSystem, "solverSystem");
    Objects.requireNonNull(solve, "solve");
    Objects.requireNonNull(judgeSystem, "judgeSystem");
    Objects.requireNonNull(compare, "compare");
  }

  /**
   * @throws IllegalArgumentException naming the prompt and the place that it lacks
   */
  public static ReasoningPrompts of(
      String topics,
      String plan,
      String solverSystem,
      String solve,
      String judgeSystem,
      String compare) {
    return new ReasoningPrompts(
        template("topics", topics, Set.of("question")),
        template("plan", plan, Set.of("question", "topics")),
        solverSystem,
        template("solve", solve, Set.of("question", "plan")),
        judgeSystem,
        template("compare", compare, Set.of("question", "first", "second")));
  }

  private static PromptTemplate template(String name, String text, Set<String> places) {
    try {
      return PromptTemplate.of(text, places);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  String topics(String question) {
    return topics.with(Map.of("question", question));
  }

  String plan(String question, String topicList) {
    return plan.with(Map.of("question", question, "topics", topicList));
  }

  String solve(String question, String ideas) {
    return solve.with(Map.of("question", question, "plan", ideas));
  }

  String compare(String question, String first, String second) {
    return compare.with(Map.of("question", question, "first", first, "second", second));
  }
}
