package ai.falaj.benchmarks.simulation.trace;

/** A trace file that cannot be used; the message is one line with file and line number. */
public final class TraceFormatException extends Exception {

  private static final long serialVersionUID = 1L;

  TraceFormatException(String message) {
    super(message);
  }

  TraceFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
