package ai.falaj.jobs.size;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What runs one engine: a processor with its memory, or one GPU of several that are alike.
 *
 * @param memoryBytes of one GPU, or of the machine that has the processor
 * @param bytesPerSecond that kernels reach of that memory
 * @param flopsPerSecond that kernels reach in dense matrix products
 * @param source where the figures come from
 */
record Hardware(
    String name,
    Kind kind,
    String description,
    double memoryBytes,
    double bytesPerSecond,
    double flopsPerSecond,
    String source) {

  /** What computes. */
  enum Kind {
    CPU,
    GPU
  }

  Hardware {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(source, "source");
    if (!(memoryBytes > 0 && bytesPerSecond > 0 && flopsPerSecond > 0)) {
      throw new IllegalArgumentException(
          "%s has %.0f bytes, %.0f bytes/s and %.0f FLOP/s; each must be above 0"
              .formatted(name, memoryBytes, bytesPerSecond, flopsPerSecond));
    }
  }

  boolean isGpu() {
    return kind == Kind.GPU;
  }

  /**
   * The same as somebody measured it.
   *
   * @param otherBytesPerSecond absent: as it was; so the other
   */
  Hardware withMeasured(OptionalDouble otherBytesPerSecond, OptionalDouble otherFlopsPerSecond) {
    if (otherBytesPerSecond.isEmpty() && otherFlopsPerSecond.isEmpty()) {
      return this;
    }
    String given =
        otherBytesPerSecond.isPresent() && otherFlopsPerSecond.isPresent()
            ? "as given"
            : source
                + "; "
                + (otherBytesPerSecond.isPresent() ? "bandwidth" : "FLOP/s")
                + " as given";
    return new Hardware(
        name,
        kind,
        description,
        memoryBytes,
        otherBytesPerSecond.orElse(bytesPerSecond),
        otherFlopsPerSecond.orElse(flopsPerSecond),
        given);
  }
}
