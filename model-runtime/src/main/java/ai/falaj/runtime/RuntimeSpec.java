package ai.falaj.runtime;

import java.io.Serializable;

/**
 * Names a runtime and opens it. Two equal specs share one runtime per JVM, so implementations are
 * records or define {@code equals} and {@code hashCode} by value. Specs travel inside job graphs:
 * they are serializable and hold no secrets.
 */
public interface RuntimeSpec extends Serializable {

  /** The model's name, known before it is loaded. */
  String model();

  /**
   * Loads the model. Takes as long as that takes.
   *
   * @throws RuntimeLoadException with a message that names the file or endpoint and the remedy
   */
  ModelRuntime open() throws RuntimeLoadException;
}
