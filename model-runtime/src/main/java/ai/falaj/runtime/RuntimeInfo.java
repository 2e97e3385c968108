package ai.falaj.runtime;

import java.util.List;
import java.util.Optional;

/**
 * What a runtime has loaded.
 *
 * @param model name that requests use
 * @param modelSha256 of the model file, lower-case hexadecimal; absent for remote models
 * @param engine {@code llama.cpp} for our own engine
 * @param quantization as the model file names it, such as {@code Q4_K_M}
 * @param maxSequences generations that run at once
 * @param contextTokensPerSequence prompt and completion tokens that one generation may hold
 * @param residentBytes model weights and caches that the runtime planned to hold, outside the Java
 *     heap
 * @param devices what it may compute on, such as {@code CPU: AMD EPYC}; empty where it is not known
 * @param gpuLayers layers of the model that GPUs compute, the output counted as one
 */
public record RuntimeInfo(
    String model,
    Optional<String> modelSha256,
    String engine,
    String engineVersion,
    Optional<String> quantization,
    int maxSequences,
    int contextTokensPerSequence,
    long residentBytes,
    List<String> devices,
    int gpuLayers) {

  public RuntimeInfo {
    devices = List.copyOf(devices);
  }

  /** The same under another name. */
  public RuntimeInfo named(String name) {
    return new RuntimeInfo(
        name,
        modelSha256,
        engine,
        engineVersion,
        quantization,
        maxSequences,
        contextTokensPerSequence,
        residentBytes,
        devices,
        gpuLayers);
  }

  /** Of a runtime that does not know what it computes on. */
  public RuntimeInfo(
      String model,
      Optional<String> modelSha256,
      String engine,
      String engineVersion,
      Optional<String> quantization,
      int maxSequences,
      int contextTokensPerSequence,
      long residentBytes) {
    this(
        model,
        modelSha256,
        engine,
        engineVersion,
        quantization,
        maxSequences,
        contextTokensPerSequence,
        residentBytes,
        List.of(),
        0);
  }
}
