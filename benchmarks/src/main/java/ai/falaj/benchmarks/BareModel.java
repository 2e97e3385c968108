package ai.falaj.benchmarks;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibrariesException;
import ai.falaj.runtime.models.ModelException;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import java.nio.file.Path;
import java.util.OptionalInt;

/** A model over llama.cpp itself, without a runtime: what the runtime is compared with. */
public final class BareModel {

  private BareModel() {}

  /**
   * @param source path of a {@code .gguf} file, or a name of the catalogue that was downloaded
   * @throws RuntimeLoadException if there is no such model here, or the file holds none
   */
  public static Path file(String source) throws RuntimeLoadException {
    try {
      Path file = ModelStore.fromEnvironment().resolve(source);
      GgufHeader.read(file);
      return file;
    } catch (ModelException | GgufException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    }
  }

  /**
   * @throws RuntimeLoadException if there is no library for this machine
   */
  public static LlamaBackend backend() throws RuntimeLoadException, InterruptedException {
    try {
      LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
      return LlamaBackend.load(
          libraries.folder(), libraries.llamaLibrary(), libraries.ggmlLibrary());
    } catch (NativeLibrariesException e) {
      throw new RuntimeLoadException(e.getMessage(), e);
    }
  }

  /**
   * Loads a file with all layers that fit on a GPU, if there is one; to be closed by the caller.
   */
  public static LlamaModel load(LlamaBackend backend, Path file) throws RuntimeLoadException {
    return LlamaModel.load(backend, new ModelSource(file, OptionalInt.empty()));
  }
}
