package ai.falaj.runtime.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.testing.RecordingProgress;
import org.junit.jupiter.api.Test;

/** Pulls the demo's real model into this machine's own cache, from wherever it can be had. */
class ModelStoreIT {

  @Test
  void pullsTheDemoModelAndReadsItsHeader() throws Exception {
    ModelStore store = ModelStore.fromEnvironment();
    ModelReference demo = store.catalogue().reference(ModelCatalogue.DEMO_MODEL);
    PulledModel pulled = store.pull(ModelCatalogue.DEMO_MODEL, new RecordingProgress());
    GgufHeader header = GgufHeader.read(pulled.file());

    assertThat(pulled.checksum()).isEqualTo(PulledModel.Checksum.PINNED);
    assertThat(store.resolve("smollm2")).isEqualTo(pulled.file()).hasSize(98_362_432);
    assertThat(header.architecture()).isEqualTo("llama");
    assertThat(header.quantization()).isEqualTo(demo.file().quantization());
    assertThat(header.parameterCount()).isEqualTo(demo.model().parameters());
    assertThat(header.contextLength()).isEqualTo(demo.model().contextTokens());
    assertThat(header.kvBytesPerToken()).isEqualTo(demo.model().kvBytesPerToken());
    assertThat(header.vocabularySize()).isEqualTo(49_152);
    assertThat(header.blockCount()).isEqualTo(30);
    assertThat(header.headCount()).isEqualTo(9);
    assertThat(header.headCountKv()).isEqualTo(3);
    assertThat(header.embeddingLength()).isEqualTo(576);
    assertThat(header.tensorBytes()).isEqualTo(96_576_768);
    assertThat(header.chatTemplate())
        .hasValueSatisfying(t -> assertThat(t).contains("<|im_start|>"));
  }
}
