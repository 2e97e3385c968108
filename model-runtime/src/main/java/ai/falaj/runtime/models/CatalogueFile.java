package ai.falaj.runtime.models;

import ai.falaj.runtime.files.Sha256;
import java.util.Objects;
import java.util.Optional;

/**
 * One quantization of a model.
 *
 * @param quantization as publishers write it, such as {@code Q4_K_M}
 * @param remoteName file name in the repository; absent where it is looked up when it is pulled
 * @param bytes of the file
 * @param approximate whether {@code bytes} is only about right
 * @param sha256 lower-case hexadecimal; absent where the publisher's own is taken when it is pulled
 * @param wheel a Python package that carries the same file
 */
public record CatalogueFile(
    String quantization,
    Optional<String> remoteName,
    long bytes,
    boolean approximate,
    Optional<String> sha256,
    Optional<Wheel> wheel) {

  public CatalogueFile {
    Objects.requireNonNull(quantization, "quantization");
    Objects.requireNonNull(remoteName, "remoteName");
    if (sha256.isPresent() && !Sha256.isHex(sha256.get())) {
      throw new IllegalArgumentException("'" + sha256.get() + "' is no SHA-256");
    }
    if (wheel.isPresent() && sha256.isEmpty()) {
      throw new IllegalArgumentException(
          "the file of " + wheel.get() + " needs a SHA-256 that says it is the same one");
    }
  }

  /**
   * A Python package on PyPI whose wheel is a zip archive with the model in it.
   *
   * @param member the model's path in the archive
   */
  public record Wheel(String project, String version, String member) {
    public Wheel {
      Objects.requireNonNull(project, "project");
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(member, "member");
    }
  }
}
