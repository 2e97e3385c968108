package ai.falaj.benchmarks;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.models.ModelStore;
import java.nio.file.Path;

/**
 * The sizes that all engines of a comparison have in common.
 *
 * @param modelFile a {@code .gguf} file
 * @param vocabularySize token ids are below it
 * @param sequences that run at once
 * @param contextTokens of one sequence; llama.cpp's own tools are given the same
 * @param threads of computation
 */
public record EngineSettings(
    Path modelFile, int vocabularySize, int sequences, int contextTokens, int threads) {

  /** Most tokens of one {@code llama_decode}: llama.cpp's default. */
  public static final int BATCH_TOKENS = 2048;

  /** Tokens that are computed at once: llama.cpp's default. */
  public static final int MICRO_BATCH_TOKENS = 512;

  /** llama.cpp rounds the context of a sequence up to a multiple of it. */
  private static final int CONTEXT_ROUNDING_TOKENS = 256;

  public EngineSettings {
    if (sequences < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "there are %d sequences and %d threads; both must be 1 or more"
              .formatted(sequences, threads));
    }
    contextTokens = roundUp(contextTokens);
  }

  /**
   * Reads the model file's header.
   *
   * @param modelSource path of a {@code .gguf} file, or a name of the catalogue that was downloaded
   * @throws RuntimeLoadException if there is no such model here, or the file holds none
   */
  public static EngineSettings of(String modelSource, int sequences, int contextTokens, int threads)
      throws RuntimeLoadException {
    Path file = ModelStore.fromEnvironment().resolve(modelSource);
    int vocabularySize = GgufHeader.read(file).vocabularySize();
    return new EngineSettings(file, vocabularySize, sequences, contextTokens, threads);
  }

  public EngineSettings withSequences(int value) {
    return new EngineSettings(modelFile, vocabularySize, value, contextTokens, threads);
  }

  public EngineSettings withContextTokens(int value) {
    return new EngineSettings(modelFile, vocabularySize, sequences, value, threads);
  }

  /** KV entries of all sequences together. */
  public int kvTokens() {
    return sequences * contextTokens;
  }

  /** The runtime of these sizes, everything else as it comes. */
  public LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder(modelFile.toString())
        .maxSequences(sequences)
        .contextTokensPerSequence(contextTokens)
        .maxBatchTokens(Math.max(BATCH_TOKENS, sequences))
        .microBatchTokens(MICRO_BATCH_TOKENS)
        .threads(threads);
  }

  /**
   * The model by itself, without a runtime; to be closed by the caller.
   *
   * @throws RuntimeLoadException if there is no such model here, or no library to load it
   */
  public LlamaModel loadModel() throws RuntimeLoadException, InterruptedException {
    return BareModel.load(BareModel.backend(), modelFile);
  }

  private static int roundUp(int tokens) {
    return (tokens + CONTEXT_ROUNDING_TOKENS - 1)
        / CONTEXT_ROUNDING_TOKENS
        * CONTEXT_ROUNDING_TOKENS;
  }
}
