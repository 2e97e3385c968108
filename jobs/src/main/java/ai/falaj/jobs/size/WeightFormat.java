package ai.falaj.jobs.size;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Number formats of weights, with the bytes that a model takes of them per parameter. Block formats
 * exactly (llama.cpp's {@code ggml-common.h}); the mixed ones of a whole model ({@code *_K_M}) as
 * Qwen2.5-32B's published files have it, a few parts in a hundred apart from other models'.
 */
enum WeightFormat {
  F32(4),
  BF16(2),
  F16(2),
  FP8(1),
  Q8_0(34.0 / 32),
  Q6_K(210.0 / 256),
  Q5_K_M(23.26 / 32.76),
  Q5_1(24.0 / 32),
  Q5_0(22.0 / 32),
  Q4_K_M(19.85 / 32.76),
  Q4_1(20.0 / 32),
  Q4_0(18.0 / 32),
  Q3_K_M(15.94 / 32.76),
  /** Four bits with a 16-bit scale and a zero of four bits for each 128, as AWQ and GPTQ files. */
  INT4(0.5 + 2.5 / 128),
  MXFP4(17.0 / 32);

  private final double bytesPerParameter;

  WeightFormat(double bytesPerParameter) {
    this.bytesPerParameter = bytesPerParameter;
  }

  /** By the name that publishers write, whatever its case. */
  static Optional<WeightFormat> named(String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(values()).filter(format -> format.name().equals(name)).findFirst();
  }

  static String names() {
    return String.join(", ", Arrays.stream(values()).map(Enum::name).toList());
  }

  long bytes(double parameters) {
    return Math.round(parameters * bytesPerParameter);
  }
}
