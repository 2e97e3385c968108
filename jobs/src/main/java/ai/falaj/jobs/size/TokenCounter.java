package ai.falaj.jobs.size;

import ai.falaj.benchmarks.BareModel;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tokens of a text: by a model's own vocabulary where its file is here, which takes neither time
 * nor memory for its weights; else an estimate. Confined to one thread.
 */
final class TokenCounter implements AutoCloseable {

  /** Of English text in UTF-8; what the operator estimates with too. */
  private static final int BYTES_PER_TOKEN = 3;

  private final Optional<LlamaModel> model;

  private TokenCounter(Optional<LlamaModel> model) {
    this.model = model;
  }

  /** Three bytes are a token. */
  static TokenCounter estimating() {
    return new TokenCounter(Optional.empty());
  }

  /**
   * @throws RuntimeLoadException if llama.cpp's libraries are missing, or the file holds no model
   */
  static TokenCounter of(Path file) throws RuntimeLoadException, InterruptedException {
    return new TokenCounter(Optional.of(LlamaModel.loadVocabulary(BareModel.backend(), file)));
  }

  /** Whether it counts, and does not estimate. */
  boolean isExact() {
    return model.isPresent();
  }

  int count(String text) {
    return model
        .map(loaded -> loaded.vocabulary().tokenize(text, false, false).length)
        .orElseGet(() -> text.getBytes(StandardCharsets.UTF_8).length / BYTES_PER_TOKEN);
  }

  @Override
  public void close() {
    model.ifPresent(LlamaModel::close);
  }
}
