package ai.falaj.operators;

/** Numbers of attempts, which readers of chunks compare. Stateless. */
public final class Attempts {

  /** 2026-01-01T00:00:00Z: before the first release. */
  private static final long EPOCH_MS = 1_767_225_600_000L;

  private static final long MS_PER_ATTEMPT = 250;

  private Attempts() {}

  /**
   * The first attempt of a run that starts now. Chunks of a request that is read again must win
   * over those of the run before, of which no checkpoint may know, and whose retries raised the
   * attempt too: only the clock is certain to have gone on since then. Four attempts a second are
   * more than retries use up, and an int lasts until 2043.
   */
  public static int firstAt(long epochMs) {
    return 1 + Math.toIntExact(Math.max(0, epochMs - EPOCH_MS) / MS_PER_ATTEMPT);
  }
}
