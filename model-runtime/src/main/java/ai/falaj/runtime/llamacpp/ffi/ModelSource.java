package ai.falaj.runtime.llamacpp.ffi;

import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Which model file to load, where to put its layers, and who hears how far it got.
 *
 * @param gpuLayers layers that a GPU backend computes; absent: all that fit. Without a GPU backend
 *     it has no effect
 * @param progress called on the loading thread before each tensor and at the end
 */
public record ModelSource(Path file, OptionalInt gpuLayers, LoadProgress progress) {

  /** Hears how far a load got, and may end it. Called on the loading thread; throws nothing. */
  @FunctionalInterface
  public interface LoadProgress {

    /**
     * @param fraction of the tensors' bytes, 0 to 1
     * @return whether to go on; a load that is ended frees what it took
     */
    boolean loaded(float fraction);
  }

  public ModelSource {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(gpuLayers, "gpuLayers");
    Objects.requireNonNull(progress, "progress");
  }

  /** Nobody listens, and the load runs to its end. */
  public ModelSource(Path file, OptionalInt gpuLayers) {
    this(file, gpuLayers, fraction -> true);
  }
}
