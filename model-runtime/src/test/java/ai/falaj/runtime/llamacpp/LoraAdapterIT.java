package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.LlamaBackend;
import ai.falaj.runtime.llamacpp.ffi.LlamaContext;
import ai.falaj.runtime.llamacpp.ffi.LlamaModel;
import ai.falaj.runtime.llamacpp.ffi.LoraAdapters;
import ai.falaj.runtime.llamacpp.ffi.ModelSource;
import ai.falaj.runtime.llamacpp.ffi.TokenBatch;
import ai.falaj.runtime.testing.GgufBuilder;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraAdapterIT {

  @TempDir static Path directory;

  private static LlamaBackend backend;
  private static Path model;
  private static Path lora;
  private static Path otherLora;

  @BeforeAll
  static void write() throws Exception {
    backend = LlamaFixture.backend();
    model = TinyModels.writeQwen2(directory.resolve("tiny.gguf"), 7);
    lora = TinyModels.writeLora(directory.resolve("lora.gguf"), 1, "qwen2");
    otherLora = TinyModels.writeLora(directory.resolve("other.gguf"), 2, "qwen2");
  }

  @Test
  void anAdapterChangesLogitsAndNoneRestoresThemExactly() throws Exception {
    List<LoraAdapters.Source> sources =
        List.of(
            new LoraAdapters.Source(lora, 1),
            new LoraAdapters.Source(otherLora, 1),
            new LoraAdapters.Source(lora, 0));
    try (LlamaModel loaded = LlamaModel.load(backend, new ModelSource(model, OptionalInt.empty()));
        LoraAdapters adapters = LoraAdapters.load(loaded, sources);
        LlamaContext context =
            LlamaContext.create(
                loaded, ContextPlan.settings(spec().build(), GgufHeader.read(model)));
        TokenBatch batch = new TokenBatch(8)) {
      float[] bare = logits(context, batch);
      adapters.activate(context, 1);
      float[] adapted = logits(context, batch);
      assertThat(adapted).isNotEqualTo(bare);
      adapters.activate(context, 2);
      assertThat(logits(context, batch)).isNotEqualTo(bare).isNotEqualTo(adapted);
      adapters.activate(context, 3);
      assertThat(logits(context, batch)).as("scale 0").containsExactly(bare);
      adapters.activate(context, 1);
      assertThat(logits(context, batch)).containsExactly(adapted);
      adapters.activate(context, LoraAdapters.NONE);
      assertThat(logits(context, batch)).containsExactly(bare);
      assertThatThrownBy(() -> adapters.activate(context, 4))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aRuntimeLoadsTheAdaptersOfItsSpec() throws Exception {
    spec().adapters(List.of(new LoraAdapter("pirate", lora.toString(), 1))).build().open().close();
  }

  @Test
  void refusesAnAdapterThatIsNotThere() {
    assertRefused(Path.of("/no/such/lora.gguf"), "adapter pirate", "/no/such/lora.gguf");
  }

  @Test
  void refusesAModelInPlaceOfAnAdapter() {
    assertRefused(model, "adapter pirate", "is no LoRA adapter");
  }

  @Test
  void refusesAnAdapterOfAnotherArchitecture() throws Exception {
    assertRefused(
        TinyModels.writeLora(directory.resolve("llama-lora.gguf"), 1, "llama"),
        "trained for the architecture llama",
        "is qwen2");
  }

  @Test
  void refusesAnAlphaThatWouldEndTheProcess() throws Exception {
    Path file =
        new GgufBuilder()
            .text("general.type", "adapter")
            .text("general.architecture", "qwen2")
            .text("adapter.type", "lora")
            .uint32("adapter.lora.alpha", 4)
            .tensor("blk.0.attn_q.weight.lora_a", i -> 0, TinyModels.WIDTH, 4)
            .writeTo(directory.resolve("alpha.gguf"));
    assertRefused(file, "adapter.lora.alpha");
  }

  @Test
  void refusesAnAdapterOfALargerModelInLlamaCppsWords() throws Exception {
    Path file =
        new GgufBuilder()
            .text("general.type", "adapter")
            .text("general.architecture", "qwen2")
            .text("adapter.type", "lora")
            .float32("adapter.lora.alpha", 4)
            .tensor("blk.7.attn_q.weight.lora_a", i -> 0, TinyModels.WIDTH, 4)
            .tensor("blk.7.attn_q.weight.lora_b", i -> 0, 4, TinyModels.WIDTH)
            .writeTo(directory.resolve("deep.gguf"));
    assertRefused(file, "deep.gguf", "wrong base model");
  }

  private static void assertRefused(Path adapter, String... parts) {
    LlamaCppSpec spec =
        spec().adapters(List.of(new LoraAdapter("pirate", adapter.toString(), 1))).build();
    assertThatThrownBy(spec::open)
        .isInstanceOf(RuntimeLoadException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
  }

  private static LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder(model.toString())
        .maxSequences(2)
        .contextTokensPerSequence(256)
        .threads(1);
  }

  private static float[] logits(LlamaContext context, TokenBatch batch) {
    batch.clear();
    for (int position = 0; position < 6; position++) {
      batch.add(60 + position, position, 0, position == 5);
    }
    assertThat(context.decode(batch)).isZero();
    float[] logits = context.logits(0).clone();
    context.clearSequence(0);
    return logits;
  }
}
