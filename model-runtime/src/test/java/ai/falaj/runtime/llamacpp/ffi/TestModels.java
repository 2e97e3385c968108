package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Loaded models for tests that need a vocabulary but no runtime. */
public final class TestModels {

  private TestModels() {}

  /** A tiny model whose vocabulary has every byte and some words. */
  public static LlamaModel tiny(Path directory) throws Exception {
    return load(TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7));
  }

  public static LlamaModel load(Path file) throws Exception {
    LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    LlamaBackend backend =
        LlamaBackend.load(libraries.folder(), libraries.llamaLibrary(), libraries.ggmlLibrary());
    return LlamaModel.load(backend, new ModelSource(file, OptionalInt.empty()));
  }
}
