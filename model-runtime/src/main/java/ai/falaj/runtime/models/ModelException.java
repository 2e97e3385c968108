package ai.falaj.runtime.models;

import ai.falaj.runtime.RuntimeLoadException;

/** A model that cannot be found or pulled. The message is one line and names the remedy. */
public final class ModelException extends RuntimeLoadException {

  private static final long serialVersionUID = 1L;

  ModelException(String message) {
    super(message);
  }

  ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
