package ai.falaj.runtime.llamacpp.natives;

import java.nio.file.Path;

/**
 * Where llama.cpp's libraries are.
 *
 * @param folder holds the libraries and the backends that ggml loads by itself
 * @param llamaLibrary to open with JNA; it finds its neighbours through its run path
 * @param ggmlLibrary holds {@code ggml_backend_load_all_from_path}
 */
public record LlamaLibraries(Path folder, Path llamaLibrary, Path ggmlLibrary, Source source) {

  /** How the libraries came to be there. */
  public enum Source {
    /** The user named the folder; the release is checked when the library is loaded. */
    OVERRIDE,
    /** They were in the cache; checksums are checked. */
    CACHE,
    /** They were installed just now; checksums are checked. */
    INSTALLED
  }
}
