package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.RuntimeLoadException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The LoRA adapters of a model in native memory, and which of them a context computes with.
 * Confined to the thread that owns the model.
 *
 * <p>They must be loaded before the context is created, which reserves room for their operations in
 * its graph, and freed after it and before the model.
 */
public final class LoraAdapters implements AutoCloseable {

  /** Index of the bare model. */
  public static final int NONE = 0;

  private static final float OFF = 0f;

  private final List<Pointer> adapters = new ArrayList<>();
  private final List<Float> scales = new ArrayList<>();
  private final Memory adapterCell = new Memory(Native.POINTER_SIZE);
  private final Memory scaleCell = new Memory(Float.BYTES);
  private int active = NONE;
  private boolean closed;

  private LoraAdapters() {}

  /**
   * An adapter's file, whose header was validated before.
   *
   * @param scale how strongly it acts; 0 not at all
   */
  public record Source(Path file, float scale) {}

  /**
   * @throws RuntimeLoadException with llama.cpp's own reason, such as a tensor that the model does
   *     not have; what was loaded before is freed then
   */
  public static LoraAdapters load(LlamaModel model, List<Source> sources)
      throws RuntimeLoadException {
    LoraAdapters loaded = new LoraAdapters();
    try {
      for (Source source : sources) {
        loaded.add(model, source);
      }
      return loaded;
    } catch (RuntimeLoadException | RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** Adapters, the bare model not counted. */
  public int count() {
    return adapters.size();
  }

  /**
   * Makes a context compute with one adapter from its next decode on. Does nothing where it does so
   * already; a change costs llama.cpp a reservation of its graph, so requests of one adapter are
   * best batched together.
   *
   * @param index {@link #NONE}, or the adapter's place in the list, counted from 1
   */
  public void activate(LlamaContext context, int index) {
    if (index < NONE || index > adapters.size()) {
      throw new IllegalArgumentException(
          "adapter %d is not one of %d".formatted(index, adapters.size()));
    }
    if (index == active) {
      return;
    }
    float scale = index == NONE ? OFF : scales.get(index - 1);
    if (scale == OFF) {
      LlamaLibrary.llama_set_adapters_lora(context.pointer(), null, 0, null);
    } else {
      adapterCell.setPointer(0, adapters.get(index - 1));
      scaleCell.setFloat(0, scale);
      LlamaLibrary.llama_set_adapters_lora(context.pointer(), adapterCell, 1, scaleCell);
    }
    active = index;
  }

  /** Frees all of them. Calling it again does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      adapters.forEach(LlamaLibrary::llama_adapter_lora_free);
      adapterCell.close();
      scaleCell.close();
    }
  }

  private void add(LlamaModel model, Source source) throws RuntimeLoadException {
    byte[] path = LlamaBackend.CStrings.of(source.file().toString());
    NativeLog.Captured<Pointer> adapter;
    try {
      adapter =
          NativeLog.capture(() -> LlamaLibrary.llama_adapter_lora_init(model.pointer(), path));
    } catch (Exception e) {
      throw new RuntimeLoadException("cannot load adapter " + source.file(), e);
    }
    if (adapter.value() == null) {
      throw new RuntimeLoadException(
          "llama.cpp cannot load adapter %s: %s".formatted(source.file(), adapter.lastError()));
    }
    adapters.add(adapter.value());
    scales.add(source.scale());
  }
}
