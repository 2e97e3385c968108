package ai.falaj.runtime.gguf;

import ai.falaj.runtime.RuntimeLoadException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file that is no usable GGUF model. The message is one line: the file, what is wrong with it and
 * what helps.
 */
public final class GgufException extends RuntimeLoadException {

  private static final long serialVersionUID = 1L;

  private final String file;

  GgufException(Path file, String problem, String remedy) {
    this(file, problem, remedy, null);
  }

  GgufException(Path file, String problem, String remedy, Throwable cause) {
    super(file + " " + problem + "; " + remedy, cause);
    this.file = Objects.requireNonNull(file, "file").toString();
  }

  /** The file that was read. */
  public Path file() {
    return Path.of(file);
  }
}
