package ai.falaj.operators;

/** What happens next to a request that failed. */
enum FailureAction {
  /** Try again after a wait; counts as a failed attempt. */
  RETRY,
  /** Submit again as soon as there may be room; counts as nothing. */
  WAIT,
  /** Give up and say why. */
  DEAD_LETTER,
  /** Nothing in this job can help; a restart may. */
  FAIL_JOB
}
