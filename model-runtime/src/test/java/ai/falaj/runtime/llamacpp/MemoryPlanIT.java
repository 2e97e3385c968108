package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.BufferSize;
import ai.falaj.runtime.llamacpp.ffi.BufferSize.Kind;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.models.ModelStore;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Plans against what llama.cpp says that it took, and against what the kernel says. */
class MemoryPlanIT {

  private static final Percentage FIFTEEN = Percentage.withPercentage(15);
  private static final String SMOLLM2 = "smollm2-135m-instruct";

  @TempDir Path directory;

  @Test
  void plansWhatLlamaCppTakesOfTheTinyModel() throws Exception {
    Path tiny = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 1);
    for (LlamaCppSpec.Builder spec : specs()) {
      assertPlanned(tiny, spec.build(), Percentage.withPercentage(15));
    }
  }

  @Test
  void plansWhatLlamaCppTakesOfSmolLm2() throws Exception {
    ModelStore store = ModelStore.fromEnvironment();
    store.pull(SMOLLM2, ProgressListener.NONE);
    Path file = store.resolve(SMOLLM2);
    for (LlamaCppSpec.Builder spec : specs()) {
      assertPlanned(file, spec.build(), FIFTEEN);
    }
    for (KvType type : List.of(KvType.F32, KvType.Q8_0, KvType.Q4_0)) {
      assertPlanned(file, spec().keyType(type).valueType(type).build(), FIFTEEN);
    }
  }

  /** The kernel's count of what this process holds grows by what was planned. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void whatIsResidentIsWhatWasPlanned() throws Exception {
    ModelStore store = ModelStore.fromEnvironment();
    store.pull(SMOLLM2, ProgressListener.NONE);
    Path file = store.resolve(SMOLLM2);
    LlamaCppSpec spec =
        LlamaCppSpec.builder(SMOLLM2)
            .threads(1)
            .maxSequences(16)
            .contextTokensPerSequence(2048)
            .prefixStoreBytes(0)
            .build();
    GgufHeader header = GgufHeader.read(file);
    MemoryPlan plan = new MemoryPlanner(spec, header, Optional.empty()).plan(0);
    // What the library itself takes, once, does not belong to a model.
    TinyModels.writeQwen2(directory.resolve("first.gguf"), 1);
    LlamaCppSpec.builder(directory.resolve("first.gguf").toString()).build().open().close();

    long before = residentBytes();
    try (LlamaModel model =
            LlamaModel.load(LlamaFixture.backend(), new ModelSource(file, OptionalInt.of(0)));
        LlamaContext context = LlamaContext.create(model, ContextPlan.settings(spec, header));
        TokenBatch batch = new TokenBatch(spec.maxBatchTokens())) {
      for (int token = 0; token < 512; token++) {
        batch.add(100 + token, token, 0, token == 511);
      }
      assertThat(context.decode(batch)).isZero();
      long grown = residentBytes() - before;
      assertThat(grown).isCloseTo(plan.hostBytes(), FIFTEEN);
    }
  }

  private static List<LlamaCppSpec.Builder> specs() {
    return List.of(
        spec().maxSequences(1).contextTokensPerSequence(512),
        spec().maxSequences(4).contextTokensPerSequence(2048),
        spec().maxSequences(64).contextTokensPerSequence(512),
        spec().maxSequences(16).contextTokensPerSequence(2048).microBatchTokens(128),
        spec().maxSequences(16).kvLayout(KvLayout.SHARED).kvPoolTokens(8192),
        spec().maxSequences(16).speculation(Speculation.promptLookup()));
  }

  private static LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder("model")
        .threads(1)
        .contextTokensPerSequence(1024)
        .prefixStoreBytes(0);
  }

  private static void assertPlanned(Path file, LlamaCppSpec spec, Percentage tolerance)
      throws Exception {
    GgufHeader header = GgufHeader.read(file);
    MemoryPlan plan = new MemoryPlanner(spec, header, Optional.empty()).plan(0);
    try (LlamaModel model =
            LlamaModel.load(LlamaFixture.backend(), new ModelSource(file, OptionalInt.of(0)));
        LlamaContext context = LlamaContext.create(model, ContextPlan.settings(spec, header))) {
      long weights = sum(model.buffers(), Kind.MODEL);
      long kv = sum(context.buffers(), Kind.KV);
      long all = weights + sum(context.buffers(), Kind.COMPUTE, Kind.OUTPUT, Kind.KV);
      assertThat(plan.bytes(MemoryPlan.Kind.WEIGHTS))
          .isCloseTo(weights, Percentage.withPercentage(1));
      // llama.cpp logs hundredths of a MiB.
      assertThat(plan.bytes(MemoryPlan.Kind.KV_CACHE) / 1e6)
          .isCloseTo(kv / 1e6, org.assertj.core.data.Offset.offset(0.02));
      assertThat(plan.totalBytes()).as(spec.toString()).isCloseTo(all, tolerance);
    }
  }

  private static long sum(List<BufferSize> buffers, Kind... kinds) {
    List<Kind> wanted = List.of(kinds);
    return buffers.stream()
        .filter(buffer -> wanted.contains(buffer.kind()))
        .mapToLong(BufferSize::bytes)
        .sum();
  }

  private static long residentBytes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
          .findFirst()
          .orElseThrow();
    }
  }
}
