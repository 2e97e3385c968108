package ai.falaj.runtime.llamacpp;

import java.io.Serializable;
import java.util.Objects;

/**
 * A LoRA adapter that requests may ask for by name.
 *
 * @param name that requests use
 * @param path of its {@code .gguf} file, read where the runtime is opened
 * @param scale how strongly it acts; 1 as it was trained
 */
public record LoraAdapter(String name, String path, float scale) implements Serializable {

  public LoraAdapter {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(path, "path");
    if (name.isBlank()) {
      throw new IllegalArgumentException("the adapter of " + path + " has no name");
    }
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException("the scale of adapter " + name + " is " + scale);
    }
  }
}
