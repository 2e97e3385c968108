package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.LoraAdapters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks in Java that adapter files fit a model, before llama.cpp reads them. */
final class AdapterFiles {

  private static final String ADAPTER = "adapter";
  private static final String LORA = "lora";

  private AdapterFiles() {}

  /**
   * @throws RuntimeLoadException naming the adapter, its file, and what is wrong with it
   */
  static List<LoraAdapters.Source> require(List<LoraAdapter> adapters, GgufHeader model)
      throws RuntimeLoadException {
    List<LoraAdapters.Source> sources = new ArrayList<>();
    for (LoraAdapter adapter : adapters) {
      require(adapter, model);
      sources.add(new LoraAdapters.Source(Path.of(adapter.path()), adapter.scale()));
    }
    return List.copyOf(sources);
  }

  private static void require(LoraAdapter adapter, GgufHeader model) throws RuntimeLoadException {
    GgufHeader header;
    try {
      header = GgufHeader.read(Path.of(adapter.path()));
    } catch (GgufException e) {
      throw new RuntimeLoadException(
          "adapter %s cannot be used: %s".formatted(adapter.name(), e.getMessage()), e);
    }
    Optional<String> type = header.type();
    if (!type.equals(Optional.of(ADAPTER)) || !header.adapterType().equals(Optional.of(LORA))) {
      throw refusal(
          adapter,
          "is no LoRA adapter (general.type is %s); name a file that convert_lora_to_gguf.py wrote"
              .formatted(type.orElse("missing")));
    }
    if (!header.architecture().equals(model.architecture())) {
      throw refusal(
          adapter,
          "was trained for the architecture %s but %s is %s; use an adapter of this model"
              .formatted(header.architecture(), model.file(), model.architecture()));
    }
    if (!header.hasSinglePrecision("adapter.lora.alpha")) {
      throw refusal(adapter, "states no adapter.lora.alpha as a 32-bit float; convert it again");
    }
  }

  private static RuntimeLoadException refusal(LoraAdapter adapter, String what) {
    return new RuntimeLoadException(
        "adapter %s cannot be used: %s %s".formatted(adapter.name(), adapter.path(), what));
  }
}
