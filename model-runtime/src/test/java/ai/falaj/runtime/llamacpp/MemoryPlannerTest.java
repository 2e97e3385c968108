package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.ComputeDevice;
import ai.falaj.runtime.memory.MachineMemory;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.memory.MemoryPlan.Kind;
import ai.falaj.runtime.testing.GgufBuilder;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlannerTest {

  private static final long MIB = 1 << 20;
  private static final long GIB = 1L << 30;

  @TempDir Path directory;
  private GgufHeader tiny;

  @BeforeEach
  void write() throws Exception {
    tiny = GgufHeader.read(TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 1));
  }

  @Test
  void weightsAndKvCacheAreExact() throws Exception {
    MemoryPlan plan = plan(spec().maxSequences(3).contextTokensPerSequence(1000));
    assertThat(plan.bytes(Kind.WEIGHTS)).isEqualTo(tiny.tensorBytes());
    assertThat(plan.bytes(Kind.KV_CACHE))
        .as("1000 tokens are rounded up to 1024")
        .isEqualTo(3 * 1024 * tiny.kvBytesPerToken());
    assertThat(plan.certainHostBytes())
        .isEqualTo(plan.bytes(Kind.WEIGHTS) + plan.bytes(Kind.KV_CACHE));
    assertThat(plan.totalBytes()).isEqualTo(plan.hostBytes()).isGreaterThan(0);
    assertThat(plan.table()).anyMatch(line -> line.startsWith("total"));
  }

  @Test
  void aPoolTakesWhatItHoldsWhateverTheSequences() throws Exception {
    MemoryPlan plan =
        plan(
            spec()
                .maxSequences(64)
                .contextTokensPerSequence(512)
                .kvLayout(KvLayout.SHARED)
                .kvPoolTokens(2000));
    assertThat(plan.bytes(Kind.KV_CACHE)).isEqualTo(2048 * tiny.kvBytesPerToken());
    MemoryPlan separate = plan(spec().maxSequences(64).contextTokensPerSequence(512));
    assertThat(plan.bytes(Kind.COMPUTE))
        .as("the attention mask spans the pool")
        .isGreaterThan(separate.bytes(Kind.COMPUTE));
  }

  @Test
  void numberFormatsScaleTheKvCache() throws Exception {
    GgufHeader wide = GgufHeader.read(wideHeads(1 << 20));
    LlamaCppSpec.Builder spec = spec().contextTokensPerSequence(256).maxSequences(1);
    long f16 = plan(spec, wide).bytes(Kind.KV_CACHE);
    assertThat(plan(spec.keyType(KvType.F32).valueType(KvType.F32), wide).bytes(Kind.KV_CACHE))
        .isEqualTo(2 * f16);
    assertThat(plan(spec.keyType(KvType.Q8_0).valueType(KvType.Q8_0), wide).bytes(Kind.KV_CACHE))
        .isEqualTo(f16 * 34 / 64);
  }

  @Test
  void guessesWantRowsOfLogitsAndADraftModelItsOwnCache() throws Exception {
    LlamaCppSpec.Builder spec = spec().maxSequences(8);
    long plain = plan(spec).bytes(Kind.COMPUTE);
    spec.speculation(new Speculation(Speculation.Mode.DRAFT_MODEL, 8, 2, "draft.gguf"));
    MemoryPlan speculating = new MemoryPlanner(spec.build(), tiny, Optional.of(tiny)).plan(0);
    assertThat(speculating.bytes(Kind.COMPUTE)).isGreaterThan(plain);
    assertThat(speculating.bytes(Kind.DRAFT_MODEL))
        .isEqualTo(tiny.tensorBytes() + 2 * 512 * tiny.kvBytesPerToken());
  }

  @Test
  void adaptersAndThePrefixStoreCount() throws Exception {
    Path adapter = TinyModels.writeLora(directory.resolve("lora.gguf"), 1, "qwen2");
    MemoryPlan plan =
        plan(
            spec()
                .prefixStoreBytes(7 * MIB)
                .adapters(List.of(new LoraAdapter("a", adapter.toString(), 1))));
    assertThat(plan.bytes(Kind.ADAPTERS)).isEqualTo(Files.size(adapter));
    assertThat(plan.bytes(Kind.PREFIX_STORE)).isEqualTo(7 * MIB);
  }

  @Test
  void layersMoveToAGpuAsFarAsItsMemoryGoes() throws Exception {
    MemoryPlanner planner = new MemoryPlanner(spec().build(), tiny, Optional.empty());
    MemoryPlan host = planner.plan(0);
    MemoryPlan half = planner.plan(2);
    MemoryPlan all = planner.plan(TinyModels.LAYERS + 1);
    assertThat(host.gpuBytes()).isZero();
    assertThat(half.gpuBytes()).isPositive().isLessThan(all.gpuBytes());
    assertThat(half.bytes(Kind.WEIGHTS)).isEqualTo(host.bytes(Kind.WEIGHTS));
    assertThat(all.bytes(Kind.KV_CACHE)).isEqualTo(host.bytes(Kind.KV_CACHE));
    assertThat(all.table().get(0)).contains("GPU");

    assertThat(planner.gpuLayersThatFit(List.of(gpu(GIB + all.gpuBytes())))).isEqualTo(3);
    assertThat(planner.gpuLayersThatFit(List.of(gpu(GIB + all.gpuBytes() - 1)))).isEqualTo(2);
    assertThat(planner.gpuLayersThatFit(List.of(gpu(GIB)))).isZero();
    assertThat(planner.gpuLayersThatFit(List.of())).isZero();
    ComputeDevice cpu = new ComputeDevice("CPU", "a CPU", ComputeDevice.Kind.CPU, 64 * GIB, 0);
    assertThat(planner.gpuLayersThatFit(List.of(cpu))).isZero();
  }

  @Test
  void whatCannotFitIsRefusedWithWhatWould() throws Exception {
    GgufHeader wide = GgufHeader.read(wideHeads(1 << 20));
    LlamaCppSpec spec =
        LlamaCppSpec.builder("big.gguf")
            .maxSequences(16)
            .contextTokensPerSequence(65_536)
            .prefixStoreBytes(0)
            .build();
    long needed = planner(spec, wide).plan(0).certainHostBytes();
    assertThat(needed).isGreaterThan(GIB);
    fit(spec, wide, needed).require();
    String message = refusal(spec, wide, needed / 2 + GIB / 8);
    assertThat(message)
        .contains("model big needs", "weights", "kv cache", "is available; it would fit with")
        .contains("falaj.runtime.context-tokens ", "falaj.runtime.max-sequences ")
        .doesNotContain("\n");
    int context = numberAfter("context-tokens ", message);
    int sequences = numberAfter("max-sequences ", message);
    assertThat(context).isLessThan(65_536).isGreaterThan(16_384);
    assertThat(sequences).isLessThan(16).isGreaterThan(4);
    fitsExactly(wide, needed / 2 + GIB / 8, 16, context, 256);
    assertThat(refusal(spec, wide, needed * 6 / 10)).contains("Q8_0");
  }

  @Test
  void weightsThatDoNotFitAloneAskForASmallerQuantization() throws Exception {
    assertThat(refusal(spec().build(), tiny, tiny.tensorBytes() / 2))
        .contains("choose a smaller quantization");
  }

  /** Named in a refusal: it fits, and one step more does not. */
  private void fitsExactly(GgufHeader model, long available, int sequences, int context, int step)
      throws Exception {
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder("big.gguf").maxSequences(sequences).prefixStoreBytes(0);
    assertThat(fit(spec.contextTokensPerSequence(context).build(), model, available).fits())
        .isTrue();
    assertThat(fit(spec.contextTokensPerSequence(context + step).build(), model, available).fits())
        .isFalse();
  }

  private static String refusal(LlamaCppSpec spec, GgufHeader model, long available)
      throws Exception {
    MemoryFit fit = fit(spec, model, available);
    Throwable[] thrown = new Throwable[1];
    assertThatThrownBy(fit::require)
        .isInstanceOf(RuntimeLoadException.class)
        .satisfies(failure -> thrown[0] = failure);
    return thrown[0].getMessage();
  }

  private static MemoryFit fit(LlamaCppSpec spec, GgufHeader model, long available)
      throws Exception {
    return new MemoryFit(planner(spec, model), 0, new MachineMemory(available, available));
  }

  private static MemoryPlanner planner(LlamaCppSpec spec, GgufHeader model) throws Exception {
    return new MemoryPlanner(spec, model, Optional.empty());
  }

  private MemoryPlan plan(LlamaCppSpec.Builder spec) throws Exception {
    return plan(spec, tiny);
  }

  private static MemoryPlan plan(LlamaCppSpec.Builder spec, GgufHeader model) throws Exception {
    return planner(spec.build(), model).plan(0);
  }

  private static LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder("tiny.gguf").contextTokensPerSequence(512).prefixStoreBytes(0);
  }

  private static ComputeDevice gpu(long freeBytes) {
    return new ComputeDevice("GPU0", "a GPU", ComputeDevice.Kind.GPU, freeBytes, freeBytes);
  }

  private static int numberAfter(String text, String message) {
    String rest = message.substring(message.indexOf(text) + text.length());
    return Integer.parseInt(rest.replaceAll("\\D.*", ""));
  }

  /** A header with heads of 64 elements; its tensors are nothing that runs. */
  private Path wideHeads(int contextTokens) throws Exception {
    return new GgufBuilder()
        .text("general.architecture", "llama")
        .uint32("llama.context_length", contextTokens)
        .uint32("llama.block_count", 4)
        .uint32("llama.embedding_length", 256)
        .uint32("llama.feed_forward_length", 512)
        .uint32("llama.attention.head_count", 4)
        .uint32("llama.attention.head_count_kv", 2)
        .tensor("token_embd.weight", i -> 0, 256, 64)
        .writeTo(directory.resolve("wide.gguf"));
  }
}
