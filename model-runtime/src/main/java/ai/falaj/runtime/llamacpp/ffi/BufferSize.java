package ai.falaj.runtime.llamacpp.ffi;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A buffer that llama.cpp took, as its log tells. The C API has no other way to ask: the function
 * that sums them up returns a C++ map.
 *
 * @param kind what it holds
 * @param device llama.cpp's name of the memory, such as {@code CPU}, {@code CPU_Mapped} or {@code
 *     CUDA0}
 * @param bytes rounded to a hundredth of a MiB
 */
public record BufferSize(Kind kind, String device, long bytes) {

  private static final Pattern LINE =
      Pattern.compile(
          ":\\s+(\\S+)\\s+(model|KV|output|compute|LoRA) buffer size\\s*=\\s*([0-9.]+) MiB");

  private static final double MIB = 1024.0 * 1024.0;

  public BufferSize {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(device, "device");
  }

  /** What a buffer holds. */
  public enum Kind {
    MODEL,
    KV,
    OUTPUT,
    COMPUTE,
    LORA
  }

  /** Whether the memory is not the host's. */
  public boolean onGpu() {
    return !device.startsWith("CPU") && !device.startsWith("AMX") && !device.endsWith("_Host");
  }

  static Optional<BufferSize> parse(String logLine) {
    Matcher line = LINE.matcher(logLine);
    if (!line.find()) {
      return Optional.empty();
    }
    return Optional.of(
        new BufferSize(
            Kind.valueOf(line.group(2).toUpperCase(Locale.ROOT)),
            line.group(1),
            Math.round(Double.parseDouble(line.group(3)) * MIB)));
  }
}
