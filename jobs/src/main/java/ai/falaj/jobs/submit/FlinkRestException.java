package ai.falaj.jobs.submit;

/** A Flink cluster cannot be reached or refuses. The message says which cluster and what to do. */
public final class FlinkRestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean unreachable;

  private FlinkRestException(boolean unreachable, String message, Throwable cause) {
    super(message, cause);
    this.unreachable = unreachable;
  }

  static FlinkRestException unreachable(String message, Throwable cause) {
    return new FlinkRestException(true, message, cause);
  }

  static FlinkRestException refused(String message) {
    return new FlinkRestException(false, message, null);
  }

  /** Whether no Flink answered at all. */
  public boolean isUnreachable() {
    return unreachable;
  }
}
