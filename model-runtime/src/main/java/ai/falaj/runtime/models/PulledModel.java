package ai.falaj.runtime.models;

import java.nio.file.Path;

/**
 * A model whose file is on this machine.
 *
 * @param sha256 of the file, lower-case hexadecimal
 * @param source where it came from, for a person
 * @param checksum what its SHA-256 was compared with
 */
public record PulledModel(
    ModelReference reference, Path file, String sha256, String source, Checksum checksum) {

  /** What vouches for the bytes. */
  public enum Checksum {
    /** The catalogue of this release. */
    PINNED,
    /** What the publisher's host said when the file was pulled. */
    PUBLISHED,
    /** Nothing: the file's structure was checked and its SHA-256 written down. */
    RECORDED
  }
}
