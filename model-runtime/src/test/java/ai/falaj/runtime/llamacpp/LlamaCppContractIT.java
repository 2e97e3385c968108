package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.testing.ResumptionContract;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** llama.cpp itself under the contract of every runtime, with a tiny model of random weights. */
class LlamaCppContractIT extends ResumptionContract {

  @TempDir static Path directory;
  private static Path model;

  @BeforeAll
  static void writeModel() throws IOException {
    model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7);
  }

  @Override
  protected ModelRuntime open(int maxSequences, int maxWaiting) throws Exception {
    return LlamaCppSpec.builder(model.toString())
        .maxSequences(maxSequences)
        .maxWaiting(maxWaiting)
        .contextTokensPerSequence(256)
        .build()
        .open();
  }
}
