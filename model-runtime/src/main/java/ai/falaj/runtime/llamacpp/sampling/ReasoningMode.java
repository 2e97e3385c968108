package ai.falaj.runtime.llamacpp.sampling;

/**
 * Where a completion begins, with respect to the reasoning of its model.
 *
 * <p>The rule, in this order: {@link #OPEN} if the prompt ends inside {@code <think>}; {@link
 * #POSSIBLE} if the model is known to reason, because its chat template or its vocabulary holds
 * {@code <think>}; else {@link #ABSENT}.
 */
public enum ReasoningMode {
  /** With the answer: the model does not reason. Reasoning budgets do nothing. */
  ABSENT,
  /** With {@code <think>}, perhaps after white space, or else with the answer. */
  POSSIBLE,
  /** Inside the reasoning: the prompt opened {@code <think>}. */
  OPEN;

  /**
   * @param promptInsideReasoning whether the prompt ends inside an open {@code <think>}
   * @param modelReasons whether the model's chat template or vocabulary holds {@code <think>}
   */
  public static ReasoningMode of(boolean promptInsideReasoning, boolean modelReasons) {
    if (promptInsideReasoning) {
      return OPEN;
    }
    return modelReasons ? POSSIBLE : ABSENT;
  }
}
