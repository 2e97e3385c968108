package ai.falaj.runtime.llamacpp.ffi;

import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Which model file to load, and where to put its layers.
 *
 * @param gpuLayers layers that a GPU backend computes; absent: all that fit. Without a GPU backend
 *     it has no effect
 */
public record ModelSource(Path file, OptionalInt gpuLayers) {}
