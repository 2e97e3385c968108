package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings.Rope;
import ai.falaj.runtime.testing.GgufBuilder;
import ai.falaj.runtime.testing.TinyModels;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with 4 heads of 16 elements, trained with 4,096 tokens. */
class ContextPlanTest {

  private static final int TRAINED = TinyModels.CONTEXT_TOKENS;

  @TempDir Path directory;

  @Test
  void theTrainedContextIsTheLongestWithoutScaling() throws Exception {
    GgufHeader header = header(none -> {});
    assertThat(plan(spec().contextTokensPerSequence(TRAINED), header).rope()).isEmpty();
    assertThatThrownBy(() -> plan(spec().contextTokensPerSequence(TRAINED + 1), header))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("the context is 4097 tokens")
        .hasMessageContaining("trained with 4096;")
        .hasMessageContaining("lower falaj.runtime.context-tokens to 4096")
        .hasMessageContaining("YARN with a factor of 1.1")
        .hasMessageNotContaining("\n");
  }

  @Test
  void yarnOfTheFileStretchesWhatItWasTrainedWith() throws Exception {
    GgufHeader header = header(TestRope::yarnOfFactor4);
    ContextSettings settings =
        plan(spec().maxSequences(1).contextTokensPerSequence(4 * TRAINED), header);
    assertThat(settings.rope()).as("llama.cpp reads the file's own").isEmpty();
    assertThatThrownBy(
            () -> plan(spec().maxSequences(1).contextTokensPerSequence(4 * TRAINED + 1), header))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("trained with 4096, which YARN with factor 4.0 stretches to 16384");
  }

  @Test
  void aFileThatStatesItsStretchedContextIsNotStretchedTwice() throws Exception {
    GgufHeader header =
        header(
            file ->
                file.text("qwen2.rope.scaling.type", "yarn")
                    .float32("qwen2.rope.scaling.factor", 4)
                    .uint32("qwen2.rope.scaling.original_context_length", TRAINED / 4));
    ContextLimit limit = ContextLimit.of(header, java.util.Optional.empty());
    assertThat(limit.trainedTokens()).isEqualTo(TRAINED / 4);
    assertThat(limit.longestTokens()).isEqualTo(TRAINED);
  }

  @Test
  void theSpecsScalingReplacesTheFiles() throws Exception {
    GgufHeader header = header(TestRope::yarnOfFactor4);
    ContextSettings settings =
        plan(
            spec()
                .contextTokensPerSequence(2 * TRAINED)
                .ropeScaling(new RopeScaling(RopeScaling.Method.LINEAR, 2)),
            header);
    assertThat(settings.rope()).contains(new Rope(Rope.LINEAR, 2, TRAINED));
    assertThatThrownBy(
            () ->
                plan(
                    spec()
                        .contextTokensPerSequence(2 * TRAINED + 1)
                        .ropeScaling(new RopeScaling(RopeScaling.Method.LINEAR, 2)),
                    header))
        .hasMessageContaining("LINEAR with factor 2.0 stretches to 8192");
  }

  @Test
  void refusesAScalingThatWouldEndTheProcess() throws Exception {
    GgufHeader header = header(file -> file.text("qwen2.rope.scaling.type", "spiral"));
    assertThatThrownBy(() -> plan(spec(), header))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("'spiral'");
  }

  @Test
  void refusesBlocksThatDoNotFillAHead() throws Exception {
    GgufHeader header = header(none -> {});
    assertThatThrownBy(() -> plan(spec().keyType(KvType.Q8_0), header))
        .isInstanceOf(RuntimeLoadException.class)
        .hasMessageContaining("keys of Q8_0 come in blocks of 32")
        .hasMessageContaining("has 16")
        .hasMessageContaining("falaj.runtime.kv.key-type");
    assertThatThrownBy(() -> plan(spec().valueType(KvType.Q4_0), header))
        .hasMessageContaining("values of Q4_0")
        .hasMessageContaining("falaj.runtime.kv.value-type");
    assertThat(plan(spec().keyType(KvType.BF16).valueType(KvType.F32), header).keyType())
        .isEqualTo(30);
  }

  @Test
  void aPoolIsWhatAllSequencesShare() throws Exception {
    GgufHeader header = header(none -> {});
    ContextSettings pool =
        plan(
            spec()
                .maxSequences(8)
                .contextTokensPerSequence(1024)
                .kvLayout(KvLayout.SHARED)
                .kvPoolTokens(3000),
            header);
    assertThat(pool.sharedPoolTokens()).hasValue(3000);
    assertThat(pool.kvTokens()).isEqualTo(3000);
    ContextSettings own = plan(spec().maxSequences(8).contextTokensPerSequence(1024), header);
    assertThat(own.sharedPoolTokens()).isEmpty();
    assertThat(own.kvTokens()).isEqualTo(8 * 1024);
  }

  @Test
  void everyGuessWantsARowOfLogits() throws Exception {
    GgufHeader header = header(none -> {});
    LlamaCppSpec speculating =
        spec().maxSequences(4).speculation(Speculation.promptLookup()).build();
    assertThat(ContextPlan.settings(speculating, header).maxOutputs()).isEqualTo(4 * 9);
  }

  private static ContextSettings plan(LlamaCppSpec.Builder spec, GgufHeader header)
      throws RuntimeLoadException {
    return ContextPlan.settings(spec.build(), header);
  }

  private static LlamaCppSpec.Builder spec() {
    return LlamaCppSpec.builder("tiny.gguf").maxSequences(2).contextTokensPerSequence(512);
  }

  private GgufHeader header(Consumer<GgufBuilder> metadata) throws Exception {
    return GgufHeader.read(TinyModels.writeQwen2With(directory.resolve("tiny.gguf"), 1, metadata));
  }
}
