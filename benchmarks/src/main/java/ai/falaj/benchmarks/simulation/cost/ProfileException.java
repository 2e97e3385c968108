package ai.falaj.benchmarks.simulation.cost;

/** A hardware profile that cannot be read; the message is one line and names the remedy. */
public final class ProfileException extends Exception {

  private static final long serialVersionUID = 1L;

  ProfileException(String message, Throwable cause) {
    super(message, cause);
  }
}
