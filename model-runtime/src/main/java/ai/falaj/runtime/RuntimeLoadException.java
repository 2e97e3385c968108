package ai.falaj.runtime;

/** A model that could not be loaded. The message is one line and names the remedy. */
public class RuntimeLoadException extends Exception {

  public RuntimeLoadException(String message) {
    super(message);
  }

  public RuntimeLoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
