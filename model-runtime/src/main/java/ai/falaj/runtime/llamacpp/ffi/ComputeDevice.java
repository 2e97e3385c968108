package ai.falaj.runtime.llamacpp.ffi;

import java.util.Objects;

/**
 * Something that computes, as ggml lists it.
 *
 * @param name ggml's, such as {@code CPU} or {@code CUDA0}
 * @param description such as {@code NVIDIA H100 80GB HBM3}
 * @param freeBytes of its memory at this moment; 0 where it has none of its own
 */
public record ComputeDevice(
    String name, String description, Kind kind, long freeBytes, long totalBytes) {

  public ComputeDevice {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(kind, "kind");
  }

  /** In the order of {@code enum ggml_backend_dev_type}. */
  public enum Kind {
    CPU,
    GPU,
    /** Shares the machine's memory. */
    INTEGRATED_GPU,
    /** Helps the CPU, such as a BLAS library. */
    ACCELERATOR,
    META
  }

  public boolean isGpu() {
    return kind == Kind.GPU || kind == Kind.INTEGRATED_GPU;
  }

  @Override
  public String toString() {
    return name + ": " + description;
  }
}
