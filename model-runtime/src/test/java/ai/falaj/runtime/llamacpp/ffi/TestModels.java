package ai.falaj.runtime.llamacpp.ffi;

import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Loaded models for tests that need a vocabulary but no runtime. */
public final class TestModels {

  private TestModels() {}

  /** A tiny model whose vocabulary has every byte and some words. */
  public static LlamaModel tiny(Path directory) throws Exception {
    return load(TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7));
  }

  private static LlamaModel load(Path file) throws Exception {
    return LlamaModel.load(backend(), new ModelSource(file, OptionalInt.empty()));
  }

  /** The vocabulary of a file, which may hold nothing else. Never freed. */
  public static Vocabulary vocabulary(Path file) throws Exception {
    backend();
    Structs.ModelParams params = LlamaLibrary.llama_model_default_params();
    params.vocabOnly = 1;
    Pointer model =
        LlamaLibrary.llama_model_load_from_file(LlamaBackend.CStrings.of(file.toString()), params);
    if (model == null) {
      throw new IllegalArgumentException("llama.cpp finds no vocabulary in " + file);
    }
    return new Vocabulary(LlamaLibrary.llama_model_get_vocab(model));
  }

  private static LlamaBackend backend() throws Exception {
    LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    return LlamaBackend.load(libraries.folder(), libraries.llamaLibrary(), libraries.ggmlLibrary());
  }
}
