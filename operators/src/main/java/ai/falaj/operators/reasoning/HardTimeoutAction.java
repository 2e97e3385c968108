package ai.falaj.operators.reasoning;

/** What becomes of a problem that has no complete candidate at the hard time-out. */
public enum HardTimeoutAction {
  /** It becomes a dead letter. */
  DEAD_LETTER,

  /** The candidates end with the text that they have, and the best of them is the answer. */
  BEST_PARTIAL
}
