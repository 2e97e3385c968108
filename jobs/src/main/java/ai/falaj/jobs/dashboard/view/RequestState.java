package ai.falaj.jobs.dashboard.view;

/** How far a request is. */
public enum RequestState {
  /** Written, and no token of it was seen. */
  QUEUED,

  /** Tokens come. */
  DECODING,

  COMPLETED,

  DEAD_LETTERED,

  /** Its client gave it up; the completion has what there was. */
  CANCELLED;

  public boolean isEnd() {
    return this != QUEUED && this != DECODING;
  }
}
