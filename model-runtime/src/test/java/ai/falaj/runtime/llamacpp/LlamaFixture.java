package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.progress.ProgressListener;

/** The real library, for tests below the runtime. */
final class LlamaFixture {

  private LlamaFixture() {}

  static LlamaBackend backend() throws Exception {
    LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    return LlamaBackend.load(libraries.folder(), libraries.llamaLibrary(), libraries.ggmlLibrary());
  }
}
