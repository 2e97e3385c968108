package ai.falaj.jobs.cli;

/**
 * Ends a command with one line for the user: {@code falaj: what is wrong; remedy}. Never shown with
 * a stack trace unless traces are asked for.
 */
public final class CliException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CliException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /**
   * The user's mistake or a missing prerequisite: exit code 2.
   *
   * @param problem what is wrong, with the value at fault
   * @param remedy what to do about it, as an imperative
   */
  public static CliException usage(String problem, String remedy) {
    return new CliException(ExitCodes.USAGE, problem + "; " + remedy, null);
  }

  /** As {@link #usage(String, String)}, with what led to it for {@code --verbose} and the log. */
  public static CliException usage(String problem, String remedy, Throwable cause) {
    return new CliException(ExitCodes.USAGE, problem + "; " + remedy, cause);
  }

  /** As {@link #usage(String, String)}, for a message that names problem and remedy already. */
  public static CliException usage(Exception cause) {
    return new CliException(ExitCodes.USAGE, cause.getMessage(), cause);
  }

  /** The thing itself failed: exit code 1. */
  public static CliException failure(String problem, String remedy) {
    return new CliException(ExitCodes.FAILURE, problem + "; " + remedy, null);
  }

  /** As {@link #failure(String, String)}, with what led to it for {@code --verbose} and the log. */
  public static CliException failure(String problem, String remedy, Throwable cause) {
    return new CliException(ExitCodes.FAILURE, problem + "; " + remedy, cause);
  }

  /** One of {@link ExitCodes}. */
  public int exitCode() {
    return exitCode;
  }
}
