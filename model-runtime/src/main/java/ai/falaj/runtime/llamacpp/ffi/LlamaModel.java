package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.RuntimeLoadException;
import com.sun.jna.CallbackReference;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A model's weights and vocabulary in native memory. Confined to the thread that loaded it, but for
 * its {@link #vocabulary()}.
 */
public final class LlamaModel implements AutoCloseable {

  private final Pointer pointer;
  private final Vocabulary vocabulary;
  private final List<BufferSize> buffers;
  private boolean closed;

  private LlamaModel(Pointer pointer, List<BufferSize> buffers) {
    this.pointer = pointer;
    this.buffers = buffers;
    this.vocabulary = new Vocabulary(LlamaLibrary.llama_model_get_vocab(pointer));
  }

  /**
   * Loads a file whose header was validated before. Maps it into memory where the platform allows.
   *
   * @throws RuntimeLoadException with llama.cpp's own reason
   */
  public static LlamaModel load(LlamaBackend backend, ModelSource source)
      throws RuntimeLoadException {
    LlamaModel model = load(backend, source, false);
    try {
      model.requireGenerative(source);
      return model;
    } catch (RuntimeLoadException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Loads nothing of a file but its vocabulary: enough to count tokens, in no time and memory.
   *
   * @throws RuntimeLoadException with llama.cpp's own reason
   */
  public static LlamaModel loadVocabulary(LlamaBackend backend, Path file)
      throws RuntimeLoadException {
    return load(backend, new ModelSource(file, OptionalInt.empty()), true);
  }

  private static LlamaModel load(LlamaBackend backend, ModelSource source, boolean vocabularyOnly)
      throws RuntimeLoadException {
    Structs.ModelParams params = LlamaLibrary.llama_model_default_params();
    source.gpuLayers().ifPresent(layers -> params.nGpuLayers = layers);
    params.vocabOnly = (byte) (vocabularyOnly ? 1 : 0);
    byte[] path = LlamaBackend.CStrings.of(source.file().toString());
    AtomicBoolean ended = new AtomicBoolean();
    LlamaLibrary.ProgressCallback callback =
        (fraction, userData) -> {
          boolean goOn = source.progress().loaded(fraction);
          ended.set(!goOn);
          return (byte) (goOn ? 1 : 0);
        };
    params.progressCallback = CallbackReference.getFunctionPointer(callback);
    NativeLog.Captured<Pointer> loaded;
    try {
      loaded = NativeLog.capture(() -> LlamaLibrary.llama_model_load_from_file(path, params));
    } catch (Exception e) {
      throw new RuntimeLoadException(
          "cannot load %s with llama.cpp %s".formatted(source.file(), backend.version()), e);
    } finally {
      // llama.cpp keeps the pointer in the model's parameters but calls it only while it loads.
      Reference.reachabilityFence(callback);
    }
    if (loaded.value() == null && ended.get()) {
      throw new RuntimeLoadException("loading %s was ended".formatted(source.file()));
    }
    if (loaded.value() == null) {
      throw new RuntimeLoadException(
          "llama.cpp %s cannot load %s: %s"
              .formatted(backend.version(), source.file(), loaded.lastError()));
    }
    return new LlamaModel(loaded.value(), loaded.buffers());
  }

  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Memory that the weights took. */
  public List<BufferSize> buffers() {
    return buffers;
  }

  /** Context length that the model was trained with, in tokens. */
  public int trainedContextTokens() {
    return LlamaLibrary.llama_model_n_ctx_train(pointer());
  }

  /** Size of all tensors, in bytes. */
  public long sizeBytes() {
    return LlamaLibrary.llama_model_size(pointer());
  }

  /** The chat template that the file carries, in Jinja. */
  public Optional<String> chatTemplate() {
    Pointer template = LlamaLibrary.llama_model_chat_template(pointer(), null);
    return template == null
        ? Optional.empty()
        : Optional.of(template.getString(0, StandardCharsets.UTF_8.name()));
  }

  /**
   * Frees the weights. All contexts of the model must be closed before. Calling it again does
   * nothing.
   */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LlamaLibrary.llama_model_free(pointer);
    }
  }

  Pointer pointer() {
    if (closed) {
      throw new IllegalStateException("the model is closed");
    }
    return pointer;
  }

  private void requireGenerative(ModelSource source) throws RuntimeLoadException {
    boolean causalTransformer =
        LlamaLibrary.llama_model_has_decoder(pointer) != 0
            && LlamaLibrary.llama_model_has_encoder(pointer) == 0
            && LlamaLibrary.llama_model_is_diffusion(pointer) == 0
            && LlamaLibrary.llama_model_is_recurrent(pointer) == 0
            && LlamaLibrary.llama_model_is_hybrid(pointer) == 0;
    if (!causalTransformer) {
      throw new RuntimeLoadException(
          "%s is no decoder-only transformer; encoder, diffusion, recurrent and hybrid models are not supported"
              .formatted(source.file()));
    }
  }
}
