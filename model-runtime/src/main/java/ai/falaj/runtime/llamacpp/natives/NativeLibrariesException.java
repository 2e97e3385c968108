package ai.falaj.runtime.llamacpp.natives;

import ai.falaj.runtime.RuntimeLoadException;

/** llama.cpp's libraries cannot be had. The message is one line and names the remedy. */
public final class NativeLibrariesException extends RuntimeLoadException {

  private static final long serialVersionUID = 1L;

  NativeLibrariesException(String message) {
    super(message);
  }

  NativeLibrariesException(String message, Throwable cause) {
    super(message, cause);
  }
}
