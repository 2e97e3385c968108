package ai.falaj.runtime.remote;

import ai.falaj.runtime.RuntimeLoadException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;

/**
 * Where a key is, never the key itself: specs travel in job graphs, which Flink shows and keeps.
 *
 * <p>Keys are read where the runtime is opened, in the TaskManager, and once more when the server
 * refuses one, so that a key can be replaced while a job runs.
 */
public sealed interface SecretReference extends Serializable {

  /** The endpoint wants no key. */
  SecretReference NONE = new None();

  /** The endpoint wants no key. */
  record None() implements SecretReference {
    private static final long serialVersionUID = 1L;
  }

  /** An environment variable of the TaskManager's process. */
  record Environment(String variable) implements SecretReference {
    private static final long serialVersionUID = 1L;

    public Environment {
      Objects.requireNonNull(variable, "variable");
      if (variable.isBlank()) {
        throw new IllegalArgumentException("the environment variable of a key has no name");
      }
    }
  }

  /** A file that holds nothing but the key, such as a mounted Kubernetes secret. */
  record File(String path) implements SecretReference {
    private static final long serialVersionUID = 1L;

    public File {
      Objects.requireNonNull(path, "path");
      if (path.isBlank()) {
        throw new IllegalArgumentException("the file of a key has no path");
      }
    }
  }

  static SecretReference environment(String variable) {
    return new Environment(variable);
  }

  static SecretReference file(String path) {
    return new File(path);
  }

  /**
   * A key of a Kubernetes secret.
   *
   * @param mountPath of the secret's volume in the TaskManager's container
   * @param key its name in the secret
   */
  static SecretReference kubernetesSecret(String mountPath, String key) {
    return new File(Path.of(mountPath, key).toString());
  }

  /**
   * As options write it: {@code env:NAME}, {@code file:PATH} or {@code none}.
   *
   * @throws IllegalArgumentException if it is none of these; what stands there is not repeated,
   *     because it may be a key
   */
  static SecretReference parse(String text) {
    if (text.equals("none")) {
      return NONE;
    }
    if (text.startsWith("env:")) {
      return environment(text.substring("env:".length()));
    }
    if (text.startsWith("file:")) {
      return file(text.substring("file:".length()));
    }
    throw new IllegalArgumentException(
        "a key is named by env:VARIABLE, file:PATH or none, and never written out");
  }

  /**
   * Reads the key of this machine; empty where the endpoint wants none.
   *
   * @throws RuntimeLoadException naming the variable or the file, and the remedy
   */
  default String read() throws RuntimeLoadException {
    return read(System::getenv);
  }

  /** As {@link #read()}, with another environment. */
  default String read(Function<String, String> environment) throws RuntimeLoadException {
    if (this instanceof Environment from) {
      String value = environment.apply(from.variable());
      if (value == null || value.isBlank()) {
        throw new RuntimeLoadException(
            "the key is to be in the environment variable %s, which is not set; set it for the TaskManagers, or name a file"
                .formatted(from.variable()));
      }
      return value.strip();
    }
    if (this instanceof File from) {
      try {
        String value = Files.readString(Path.of(from.path())).strip();
        if (value.isEmpty()) {
          throw new RuntimeLoadException(
              "the key is to be in the file %s, which is empty".formatted(from.path()));
        }
        return value;
      } catch (IOException e) {
        throw new RuntimeLoadException(
            "the key is to be in the file %s, which cannot be read; mount the secret there"
                .formatted(from.path()),
            e);
      }
    }
    return "";
  }
}
