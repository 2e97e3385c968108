package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.llamacpp.natives.LlamaLibraries;
import ai.falaj.runtime.llamacpp.natives.NativeLibraries;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What llama.cpp makes of a context's settings. */
class ContextSettingsIT {

  private static final int POSITION = TinyModels.CONTEXT_TOKENS + 100;

  @TempDir static Path directory;

  private static LlamaBackend backend;

  @BeforeAll
  static void load() throws Exception {
    LlamaLibraries libraries = NativeLibraries.fromEnvironment().locate(ProgressListener.NONE);
    backend =
        LlamaBackend.load(libraries.folder(), libraries.llamaLibrary(), libraries.ggmlLibrary());
  }

  @Test
  void theSpecsYarnComputesWhatTheFilesYarnDoes() throws Exception {
    Path plain = TinyModels.writeQwen2(directory.resolve("plain.gguf"), 3);
    Path yarn =
        TinyModels.writeQwen2With(directory.resolve("yarn.gguf"), 3, TestRope::yarnOfFactor4);
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder("tiny").threads(1).maxSequences(1).contextTokensPerSequence(8192);
    float[] ofTheFile = logits(yarn, spec.build());
    spec.ropeScaling(new RopeScaling(RopeScaling.Method.YARN, 4));
    float[] ofTheSpec = logits(plain, spec.build());
    assertThat(ofTheSpec).containsExactly(ofTheFile);
    spec.ropeScaling(new RopeScaling(RopeScaling.Method.LINEAR, 4));
    assertThat(logits(plain, spec.build())).isNotEqualTo(ofTheFile);
  }

  @Test
  void aSharedPoolComputesWhatSeparateBuffersDo() throws Exception {
    Path model = TinyModels.writeQwen2(directory.resolve("pool.gguf"), 4);
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder("tiny").threads(1).maxSequences(3).contextTokensPerSequence(512);
    float[] separate = logits(model, spec.build());
    float[] shared = logits(model, spec.kvLayout(KvLayout.SHARED).kvPoolTokens(768).build());
    assertThat(distance(separate, shared)).isLessThan(1e-2);
  }

  @Test
  void quantizedKeysAndValuesChangeLogitsALittle() throws Exception {
    Path model = ModelStore.fromEnvironment().resolve("smollm2-135m-instruct");
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder("smol").threads(1).maxSequences(2).contextTokensPerSequence(256);
    float[] exact = logits(model, spec.build());
    float[] rounded = logits(model, spec.keyType(KvType.Q8_0).valueType(KvType.Q8_0).build());
    assertThat(rounded).isNotEqualTo(exact);
    assertThat(distance(exact, rounded)).isLessThan(2);
    for (KvType type : KvType.values()) {
      logits(model, spec.keyType(type).valueType(type).build());
    }
  }

  @Test
  void oneBatchMayWantARowOfLogitsForEveryGuess() throws Exception {
    Path model = TinyModels.writeQwen2(directory.resolve("rows.gguf"), 5);
    LlamaCppSpec spec =
        LlamaCppSpec.builder("tiny")
            .threads(1)
            .maxSequences(2)
            .contextTokensPerSequence(256)
            .speculation(new Speculation(Speculation.Mode.PROMPT_LOOKUP, 7, 2, null))
            .build();
    GgufHeader header = GgufHeader.read(model);
    try (LlamaModel loaded = LlamaModel.load(backend, new ModelSource(model, OptionalInt.empty()));
        LlamaContext context = LlamaContext.create(loaded, ContextPlan.settings(spec, header));
        TokenBatch batch = new TokenBatch(16)) {
      for (int sequence = 0; sequence < 2; sequence++) {
        for (int position = 0; position < 8; position++) {
          batch.add(40 + position, position, sequence, true);
        }
      }
      assertThat(context.decode(batch)).isZero();
      assertThat(context.logits(15)).isNotEqualTo(new float[context.logits(15).length]);
    }
  }

  /** Of a token beyond the trained context, after a few that are attended to. */
  private static float[] logits(Path file, LlamaCppSpec spec) throws Exception {
    GgufHeader header = GgufHeader.read(file);
    try (LlamaModel model = LlamaModel.load(backend, new ModelSource(file, OptionalInt.empty()));
        LlamaContext context = LlamaContext.create(model, ContextPlan.settings(spec, header));
        TokenBatch batch = new TokenBatch(8)) {
      for (int i = 0; i < 8; i++) {
        int position = spec.contextTokensPerSequence() > POSITION ? POSITION + i : i;
        batch.add(50 + i, position, 0, i == 7);
      }
      assertThat(context.decode(batch)).isZero();
      return context.logits(0).clone();
    }
  }

  private static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }
}
