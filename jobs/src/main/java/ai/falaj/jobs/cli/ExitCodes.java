package ai.falaj.jobs.cli;

/** Exit codes of every command. */
public final class ExitCodes {

  public static final int OK = 0;

  /** The thing itself failed: a check, a job, a download. */
  public static final int FAILURE = 1;

  /** The user's mistake or a missing prerequisite; nothing was done. */
  public static final int USAGE = 2;

  private ExitCodes() {}
}
