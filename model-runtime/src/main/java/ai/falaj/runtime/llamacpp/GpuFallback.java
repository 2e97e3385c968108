package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.llamacpp.ffi.ComputeDevice;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeVariant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says aloud that a GPU was asked for and the CPU computes, and why. */
final class GpuFallback {

  private static final Logger LOG = LoggerFactory.getLogger(GpuFallback.class);

  private GpuFallback() {}

  static void maybeWarn(
      NativeVariant wanted, List<ComputeDevice> devices, LlamaLibraries libraries) {
    warning(wanted, devices, libraries).ifPresent(LOG::warn);
  }

  static Optional<String> warning(
      NativeVariant wanted, List<ComputeDevice> devices, LlamaLibraries libraries) {
    if (wanted == NativeVariant.CPU || devices.stream().anyMatch(ComputeDevice::isGpu)) {
      return Optional.empty();
    }
    String name = wanted.name().toLowerCase(Locale.ROOT);
    String reason =
        LlamaBackend.whyNotLoaded(libraries.folder(), "libggml-" + name)
            .orElse("the driver shows no device");
    return Optional.of(
        "%s is %s but llama.cpp finds no GPU (%s); models run on the CPU"
            .formatted(NativeVariant.VARIABLE, name, reason));
  }
}
