package ai.falaj.jobs.deadletters;

import java.util.Locale;

/** Whether a dead letter's prompt was sent again. */
public enum LetterState {
  /** Not sent again yet. */
  OPEN,

  /** Sent again, once and for all: if it failed again, another letter says so. */
  RETRIED,

  /**
   * A mark says that it was sent again, but lies behind a transaction of the job that is open, so
   * that nobody can tell yet whether the mark counts. Known when the job's next checkpoint commits.
   */
  UNDECIDED;

  /** As people read it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
