package ai.falaj.jobs.stack;

/**
 * The local stack cannot be started or has failed. The message is for the user: what is wrong, then
 * a semicolon, then what to do.
 */
public final class StackException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean prerequisite;

  private StackException(boolean prerequisite, String message, Throwable cause) {
    super(message, cause);
    this.prerequisite = prerequisite;
  }

  /** Something the user has to change before it can work: a taken port, a running stack. */
  public static StackException prerequisite(String problem, String remedy) {
    return new StackException(true, problem + "; " + remedy, null);
  }

  /** A part of the stack failed. */
  public static StackException failure(String problem, String remedy, Throwable cause) {
    return new StackException(false, problem + "; " + remedy, cause);
  }

  /** Whether nothing was tried because the user has to change something first. */
  public boolean isPrerequisite() {
    return prerequisite;
  }
}
