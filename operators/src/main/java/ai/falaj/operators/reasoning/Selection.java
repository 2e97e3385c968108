package ai.falaj.operators.reasoning;

import ai.falaj.schemas.AnswerSelection;

/** How one answer is chosen among the candidates. */
public enum Selection {
  /** A model compares the best so far with the next one, in the order of their index. */
  JUDGE,

  /**
   * The answer that most candidates share. The judge decides between answers with as many votes,
   * and among all where none can be compared.
   */
  MAJORITY,

  /** The candidate that is complete first; nobody waits for the others. */
  FIRST;

  AnswerSelection recorded() {
    return switch (this) {
      case JUDGE -> AnswerSelection.JUDGE;
      case MAJORITY -> AnswerSelection.MAJORITY;
      case FIRST -> AnswerSelection.FIRST;
    };
  }
}
