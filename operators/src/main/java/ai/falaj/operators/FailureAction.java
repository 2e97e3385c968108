package ai.falaj.operators;

/** What happens next to a request that failed. */
public enum FailureAction {
  /** Go on from the tokens that are there, after a wait; counts as a failed attempt. */
  RETRY,
  /** Submit again without the tokens that are there, at once; counts as nothing. */
  START_OVER,
  /** Submit again as soon as there may be room; counts as nothing. */
  WAIT,
  /** Give up and say why. */
  DEAD_LETTER,
  /** Nothing in this job can help; a restart may. */
  FAIL_JOB
}
