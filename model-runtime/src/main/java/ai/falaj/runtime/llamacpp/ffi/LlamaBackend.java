package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.RuntimeLoadException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The loaded llama.cpp library: one per class loader, for the life of the process.
 *
 * <p>JNA opens the library with {@code dlopen}, so a second class loader, such as that of a
 * restarted Flink job, shares the library that is already there. Any thread.
 */
public final class LlamaBackend {

  /**
   * The release whose {@code llama.h} this package follows; another minor release may lay out
   * structures differently.
   */
  public static final String RELEASE = "0.5";

  private static final int MODEL_PARAMS_BYTES = 80;
  private static final int CONTEXT_PARAMS_BYTES = 160;
  private static final int BATCH_BYTES = 56;

  private static LlamaBackend loaded;

  private final String version;

  private LlamaBackend(String version) {
    this.version = version;
  }

  /**
   * Loads the library, its compute backends for this machine's processor, and checks that it is the
   * right release. Later calls return what was loaded first.
   *
   * @param directory folder of the shared libraries, which also holds the {@code ggml} backends
   * @throws RuntimeLoadException if the library cannot be loaded or is of another minor release
   */
  public static synchronized LlamaBackend load(Path directory, Path llamaLibrary, Path ggmlLibrary)
      throws RuntimeLoadException {
    if (loaded != null) {
      return loaded;
    }
    requireRelease(llamaLibrary);
    Native.register(LlamaLibrary.Ggml.class, open(ggmlLibrary));
    Native.register(LlamaLibrary.class, open(llamaLibrary));
    requireLayouts(llamaLibrary);
    NativeLog.silence();
    LlamaLibrary.llama_backend_init();
    if (LlamaLibrary.Ggml.ggml_backend_dev_count() == 0) {
      LlamaLibrary.Ggml.ggml_backend_load_all_from_path(CStrings.of(directory.toString()));
    }
    if (LlamaLibrary.Ggml.ggml_backend_dev_count() == 0) {
      throw new RuntimeLoadException(
          "no compute backend in %s runs on this processor; its libggml-cpu-* libraries are missing or unfit"
              .formatted(directory));
    }
    loaded = new LlamaBackend(LlamaLibrary.llama_version());
    return loaded;
  }

  /** Version of the loaded library, such as {@code 0.5.0}. */
  public String version() {
    return version;
  }

  /** Compute devices in words, such as {@code CPU: AMD EPYC}. */
  public List<String> devices() {
    return computeDevices().stream().map(ComputeDevice::toString).toList();
  }

  /** What may compute, with its memory at this moment. */
  public List<ComputeDevice> computeDevices() {
    List<ComputeDevice> devices = new ArrayList<>();
    for (long index = 0; index < LlamaLibrary.Ggml.ggml_backend_dev_count(); index++) {
      devices.add(device(LlamaLibrary.Ggml.ggml_backend_dev_get(index)));
    }
    return List.copyOf(devices);
  }

  private static ComputeDevice device(Pointer device) {
    int type = LlamaLibrary.Ggml.ggml_backend_dev_type(device);
    ComputeDevice.Kind[] kinds = ComputeDevice.Kind.values();
    LongByReference free = new LongByReference();
    LongByReference total = new LongByReference();
    LlamaLibrary.Ggml.ggml_backend_dev_memory(device, free, total);
    return new ComputeDevice(
        LlamaLibrary.Ggml.ggml_backend_dev_name(device),
        LlamaLibrary.Ggml.ggml_backend_dev_description(device),
        type >= 0 && type < kinds.length ? kinds[type] : ComputeDevice.Kind.META,
        free.getValue(),
        total.getValue());
  }

  /**
   * Why a backend's library cannot be opened, in the system's words; ggml itself passes over it in
   * silence.
   *
   * @param prefix of the file's name, such as {@code libggml-cuda}
   * @return empty where it can be opened
   */
  public static Optional<String> whyNotLoaded(Path directory, String prefix) {
    try (Stream<Path> files = Files.list(directory)) {
      Optional<Path> library =
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).findFirst();
      if (library.isEmpty()) {
        return Optional.of("there is no %s in %s".formatted(prefix, directory));
      }
      NativeLibrary.getInstance(library.get().toString());
      return Optional.empty();
    } catch (UnsatisfiedLinkError e) {
      return Optional.of(firstLine(e.getMessage()));
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  /** Asks the library which release it is, before anything else is called. */
  static void requireRelease(Path library) throws RuntimeLoadException {
    String version;
    try {
      version = open(library).getFunction("llama_version").invokeString(new Object[0], false);
    } catch (UnsatisfiedLinkError e) {
      version = "of no known release";
    }
    if (!version.startsWith(RELEASE + ".")) {
      throw new RuntimeLoadException(
          "%s is llama.cpp %s but Falaj needs %s.x; unset FALAJ_LLAMA_LIB_DIR or point it to that release"
              .formatted(library, version, RELEASE));
    }
  }

  private static NativeLibrary open(Path library) throws RuntimeLoadException {
    Optional<String> problem = Jna.problem();
    if (problem.isPresent()) {
      throw new RuntimeLoadException(problem.get());
    }
    try {
      return NativeLibrary.getInstance(library.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new RuntimeLoadException(
          "cannot load %s: %s; unset FALAJ_LLAMA_LIB_DIR or point it to llama.cpp %s's libraries for this machine"
              .formatted(library, firstLine(e.getMessage()), RELEASE),
          e);
    }
  }

  /**
   * Structures are passed by value: a wrong layout would corrupt memory, so a few known defaults
   * must read right.
   */
  private static void requireLayouts(Path path) throws RuntimeLoadException {
    Structs.ModelParams model = LlamaLibrary.llama_model_default_params();
    Structs.ContextParams context = LlamaLibrary.llama_context_default_params();
    boolean sizes =
        model.size() == MODEL_PARAMS_BYTES
            && context.size() == CONTEXT_PARAMS_BYTES
            && new Structs.Batch().size() == BATCH_BYTES;
    boolean defaults =
        model.nGpuLayers == -1
            && model.useExtraBufts == 1
            && model.loadMtp == 0
            && context.nCtx == 512
            && context.nBatch == 2048
            && context.nOutputsMaxPerSeq == 1
            && context.yarnBetaSlow == -1f
            && context.noPerf == 1
            && context.swaFull == 1
            && context.kvUnified == 0;
    if (!sizes || !defaults) {
      throw new RuntimeLoadException(
          "%s lays out its parameters unlike release %s; point FALAJ_LLAMA_LIB_DIR to an unmodified build of it"
              .formatted(path, RELEASE));
    }
  }

  private static String firstLine(String message) {
    return message == null ? "unknown error" : message.lines().findFirst().orElse("unknown error");
  }

  /** Zero-terminated UTF-8 for the C API. */
  static final class CStrings {
    private CStrings() {}

    static byte[] of(String text) {
      return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }
  }
}
