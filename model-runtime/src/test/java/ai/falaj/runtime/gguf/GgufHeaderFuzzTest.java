package ai.falaj.runtime.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.testing.GgufBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file holds, reading it ends with a header or a {@link GgufException}. */
class GgufHeaderFuzzTest {

  private static final byte[] VALID =
      new GgufBuilder()
          .text("general.architecture", "qwen2")
          .text("tokenizer.chat_template", "{{ messages }}")
          .uint32("qwen2.block_count", 2)
          .uint32("qwen2.embedding_length", 64)
          .uint32("qwen2.attention.head_count", 4)
          .int32s("qwen2.attention.head_count_kv", List.of(2, 2))
          .texts("tokenizer.ggml.tokens", List.of("a", "b", "<|im_end|>"))
          .bool("tokenizer.ggml.add_bos_token", false)
          .float32("qwen2.rope.freq_base", 10_000f)
          .tensor("token_embd.weight", i -> i, 8, 3)
          .tensor("output_norm.weight", i -> i, 8)
          .build();

  private static Path file;

  @BeforeContainer
  static void createFile() throws IOException {
    file = Files.createTempFile("falaj-fuzz", ".gguf");
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 1500)
  void survivesFlippedBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int flips)
      throws IOException {
    Random random = new Random(seed);
    byte[] content = VALID.clone();
    for (int i = 0; i < flips; i++) {
      content[random.nextInt(content.length)] = (byte) random.nextInt();
    }
    readsOrRefuses(content);
  }

  @Property(tries = 1000)
  void survivesCutsAndRepeats(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    int from = random.nextInt(VALID.length);
    int to = from + random.nextInt(VALID.length - from);
    int at = random.nextInt(VALID.length);
    byte[] content = Arrays.copyOf(VALID, VALID.length + to - from);
    System.arraycopy(VALID, from, content, at, to - from);
    System.arraycopy(VALID, at, content, at + to - from, VALID.length - at);
    readsOrRefuses(Arrays.copyOf(content, random.nextInt(content.length + 1)));
  }

  @Property(tries = 1000)
  void survivesNoiseBehindAValidStart(
      @ForAll @Size(max = 600) byte[] noise, @ForAll @IntRange(min = 4, max = 200) int kept)
      throws IOException {
    byte[] content = Arrays.copyOf(VALID, kept + noise.length);
    System.arraycopy(noise, 0, content, kept, noise.length);
    readsOrRefuses(content);
  }

  private static void readsOrRefuses(byte[] content) throws IOException {
    Files.write(file, content);
    try {
      GgufHeader header = GgufHeader.read(file);
      assertThat(header.tensorBytes()).isBetween(0L, (long) content.length);
      assertThat(header.kvBytesPerToken()).isNotNegative();
      assertThat(header.feedForwardLength()).isNotNegative();
      assertThat(header.ropeScaling()).isNotNull();
      assertThat(header.toString()).isNotEmpty();
    } catch (GgufException e) {
      assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
    }
  }
}
