package ai.falaj.operators.reasoning;

/** Who makes plans, and for whom. */
public enum Planning {
  /** Nobody: the solver gets the question as it is. */
  NONE,

  /** One plan for all candidates: their prompts are the same, so it is read once for all. */
  PER_PROBLEM,

  /** A plan for each candidate: more different candidates for more calls. */
  PER_SAMPLE
}
