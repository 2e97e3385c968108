package ai.falaj.operators.reasoning;

/** What flows from stage to stage, in one order for each problem. */
public sealed interface ProblemEvent permits Problem, ProblemCancellation {

  /** Of the problem: where its prompt was read, which no other problem shares. */
  String key();
}
