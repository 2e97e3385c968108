package ai.falaj.runtime.llamacpp.natives;

import java.util.Locale;

/** What the libraries can compute on, besides the CPU. */
public enum NativeVariant {
  CPU(""),
  /** Needs the NVIDIA driver and the CUDA 13 runtime libraries on the machine. */
  CUDA("-cuda"),
  /** Needs a Vulkan driver and loader on the machine. */
  VULKAN("-vulkan");

  /** Environment variable that chooses the variant: cpu, cuda or vulkan. */
  public static final String VARIABLE = "FALAJ_LLAMA_VARIANT";

  private final String packageSuffix;

  NativeVariant(String packageSuffix) {
    this.packageSuffix = packageSuffix;
  }

  String packageSuffix() {
    return packageSuffix;
  }

  static NativeVariant parse(String name) throws NativeLibrariesException {
    for (NativeVariant variant : values()) {
      if (variant.name().equals(name.strip().toUpperCase(Locale.ROOT))) {
        return variant;
      }
    }
    throw new NativeLibrariesException(
        VARIABLE + " is '" + name + "'; it must be cpu, cuda or vulkan");
  }
}
