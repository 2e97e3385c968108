package ai.falaj.runtime.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.falaj.runtime.testing.GgufBuilder;
import ai.falaj.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufHeaderTest {

  private static final long ABSURD = 1L << 60;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("model.gguf");
  }

  @Test
  void readsWhatAModelSaysAboutItself() throws Exception {
    TinyModels.writeQwen2(file, 1);
    GgufHeader header = GgufHeader.read(file);

    assertThat(header.version()).isEqualTo(3);
    assertThat(header.architecture()).isEqualTo("qwen2");
    assertThat(header.name()).isEqualTo("Falaj tiny random model");
    assertThat(header.contextLength()).isEqualTo(4096);
    assertThat(header.blockCount()).isEqualTo(2);
    assertThat(header.embeddingLength()).isEqualTo(64);
    assertThat(header.headCount()).isEqualTo(4);
    assertThat(header.headCountKv()).isEqualTo(2);
    assertThat(header.keyLength()).isEqualTo(16);
    assertThat(header.valueLength()).isEqualTo(16);
    assertThat(header.vocabularySize()).isGreaterThan(256);
    assertThat(header.quantization()).isEqualTo("F32");
    assertThat(header.chatTemplate())
        .hasValueSatisfying(t -> assertThat(t).contains("<|im_start|>"));
    assertThat(header.addsBosToken()).contains(false);
    assertThat(header.addsEosToken()).isEmpty();
    assertThat(header.eosTokenId()).hasValue(header.vocabularySize() - 1);
    assertThat(header.splitCount()).isOne();
    assertThat(header.tensorBytes()).isEqualTo(4 * header.parameterCount());
    assertThat(header.tensorBytes()).isBetween(Files.size(file) - 20_000, Files.size(file));
  }

  @Test
  void countsKvBytesOfAllLayersAndHeads() throws Exception {
    small()
        .uint32("qwen2.block_count", 64)
        .uint32("qwen2.embedding_length", 5120)
        .uint32("qwen2.attention.head_count", 40)
        .uint32("qwen2.attention.head_count_kv", 8)
        .writeTo(file);
    // K2 Think: 64 layers x 8 heads x (128 + 128) elements x 2 bytes.
    assertThat(GgufHeader.read(file).kvBytesPerToken()).isEqualTo(262_144);
  }

  @Test
  void countsKvBytesOfLayersThatDiffer() throws Exception {
    small()
        .uint32("qwen2.block_count", 3)
        .uint32("qwen2.attention.head_count", 4)
        .int32s("qwen2.attention.head_count_kv", List.of(1, 0, 4))
        .uint32("qwen2.attention.key_length", 32)
        .uint32("qwen2.attention.value_length", 16)
        .writeTo(file);
    GgufHeader header = GgufHeader.read(file);
    assertThat(header.headCountKv()).isEqualTo(4);
    assertThat(header.kvBytesPerToken()).isEqualTo(5 * 48 * 2);
  }

  @Test
  void namesTheQuantizationOfMostBytesWhereTheFileDoesNotSay() throws Exception {
    small().tensor("a", i -> i, 8).writeTo(file);
    assertThat(GgufHeader.read(file).quantization()).isEqualTo("F32");
    small().uint32("general.file_type", 15).writeTo(file);
    assertThat(GgufHeader.read(file).quantization()).isEqualTo("Q4_K_M");
    small().uint32("general.file_type", 4711).tensor("a", i -> i, 8).writeTo(file);
    assertThat(GgufHeader.read(file).quantization()).isEqualTo("F32");
  }

  @Test
  void findsAFileThatIsCutAnywhere() throws Exception {
    byte[] whole =
        small()
            .text("general.name", "cut")
            .bool("x", true)
            .texts("t", List.of("a", "bc"))
            .int32s("n", List.of(1, 2, 3))
            .tensor("first", i -> i, 4, 3)
            .tensor("last", i -> i, 8)
            .build();
    Files.write(file, whole);
    assertThat(GgufHeader.read(file).tensorCount()).isEqualTo(2);

    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      GgufException e = failure();
      assertThat(e)
          .as("cut after %d of %d bytes", length, whole.length)
          .isNotNull()
          .hasMessageContaining(file.toString())
          .hasMessageContaining("falaj model pull");
      assertThat(e.getMessage()).doesNotContain("\n");
    }
  }

  @Test
  void allowsAFileWithoutThePaddingOfItsLastTensor() throws Exception {
    byte[] whole = small().tensor("odd", i -> i, 5).build();
    Files.write(file, Arrays.copyOf(whole, whole.length - 12));
    assertThat(GgufHeader.read(file).parameterCount()).isEqualTo(5);
    Files.write(file, Arrays.copyOf(whole, whole.length - 13));
    assertThat(failure()).hasMessageContaining("truncated").hasMessageContaining("'odd'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version https://git-lfs.github.com/spec/v1 | Git LFS pointer",
        "<!DOCTYPE html><html><body>Sign in</body> | web page",
        "PK\u0003\u0004 something zipped            | zip archive",
        "tjgg from long ago                         | old GGML format",
        "some other text                            | no GGUF file (it starts with 0x736f6d65)",
      })
  void saysWhatAFileIsThatIsNoModel(String content, String message) throws IOException {
    Files.writeString(file, content, StandardCharsets.ISO_8859_1);
    assertThat(failure()).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"1, version 1", "0x03000000, big-endian", "4, version 4", "-1, version 4294967295"})
  void refusesOtherVersions(String version, String message) throws IOException {
    byte[] content = small().build();
    littleEndian(content).putInt(4, Long.decode(version).intValue());
    Files.write(file, content);
    assertThat(failure()).hasMessageContaining(message);
  }

  @Test
  void readsVersionTwo() throws Exception {
    byte[] content = small().build();
    littleEndian(content).putInt(4, 2);
    Files.write(file, content);
    assertThat(GgufHeader.read(file).version()).isEqualTo(2);
  }

  @Test
  void refusesAFileThatIsNotThereAndAFolder() {
    assertThat(failure()).hasMessageContaining("does not exist");
    file = folder;
    assertThat(failure()).hasMessageContaining("is a directory");
  }

  @Test
  void refusesCountsBeyondReason() throws IOException {
    byte[] content = small().build();
    littleEndian(content).putLong(8, ABSURD);
    Files.write(file, content);
    assertThat(failure()).hasMessageContaining("tensors");
    littleEndian(content).putLong(8, 0).putLong(16, -1);
    Files.write(file, content);
    assertThat(failure()).hasMessageContaining("18446744073709551615 metadata entries");
  }

  @Test
  void refusesLengthsBeyondTheFile() throws IOException {
    Raw key = new Raw(0, 1).int64(ABSURD);
    Files.write(file, key.bytes());
    assertThat(failure()).hasMessageContaining("key of");

    Raw text = new Raw(0, 1).text("k").int32(8).int64(ABSURD);
    Files.write(file, text.bytes());
    assertThat(failure()).hasMessageContaining("'k'").hasMessageContaining("" + ABSURD);

    Raw array = new Raw(0, 1).text("k").int32(9).int32(10).int64(ABSURD);
    Files.write(file, array.bytes());
    assertThat(failure()).hasMessageContaining("'k'").hasMessageContaining("" + ABSURD);

    Raw texts = new Raw(0, 1).text("k").int32(9).int32(8).int64(1).int64(-1);
    Files.write(file, texts.bytes());
    assertThat(failure()).hasMessageContaining("'k'");

    Raw tensorName = new Raw(1, 0).int64(64);
    Files.write(file, tensorName.bytes());
    assertThat(failure()).hasMessageContaining("name of 64 bytes");
  }

  @Test
  void refusesTypesThatNobodyKnows() throws IOException {
    Files.write(file, new Raw(0, 1).text("k").int32(13).bytes());
    assertThat(failure()).hasMessageContaining("unknown value type 13");
    Files.write(file, new Raw(0, 1).text("k").int32(9).int32(9).int64(0).bytes());
    assertThat(failure()).hasMessageContaining("array of arrays");
    for (int removed : new int[] {4, 31, 38, 43, -1}) {
      Files.write(file, new Raw(1, 0).tensor("w", removed, 0, 32).bytes());
      assertThat(failure())
          .hasMessageContaining("unknown ggml type " + Integer.toUnsignedString(removed));
    }
  }

  @Test
  void refusesTensorsThatCannotBe() throws IOException {
    Files.write(file, new Raw(1, 0).tensor("w", 0, 0, 1, 1, 1, 1, 1).bytes());
    assertThat(failure()).hasMessageContaining("5 dimensions");
    Files.write(file, new Raw(1, 0).tensor("w", 0, 0, -4).bytes());
    assertThat(failure()).hasMessageContaining("negative dimension");
    Files.write(file, new Raw(1, 0).tensor("w", 0, 0, ABSURD, ABSURD).bytes());
    assertThat(failure()).hasMessageContaining("more elements");
    Files.write(file, new Raw(1, 0).tensor("w", 28, 0, ABSURD, 4).bytes());
    assertThat(failure()).hasMessageContaining("more elements");
    Files.write(file, new Raw(1, 0).tensor("w", 2, 0, 31).bytes());
    assertThat(failure()).hasMessageContaining("no multiple of the 32 of a Q4_0 block");
    Files.write(file, new Raw(1, 0).tensor("w", 0, 32, 8).pad(4096).bytes());
    assertThat(failure()).hasMessageContaining("at offset 32 where 0 is expected");
  }

  @Test
  void refusesWhatIsThereTwice() throws IOException {
    small().text("general.name", "a").text("general.name", "b").writeTo(file);
    assertThat(failure()).hasMessageContaining("'general.name' twice");
    small().tensor("w", i -> i, 8).tensor("w", i -> i, 8).writeTo(file);
    assertThat(failure()).hasMessageContaining("'w' twice");
  }

  @ParameterizedTest
  @CsvSource({"0", "3", "-32"})
  void refusesAnAlignmentThatIsNoPowerOfTwo(int alignment) throws IOException {
    small().uint32("general.alignment", alignment).writeTo(file);
    assertThat(failure()).hasMessageContaining("general.alignment");
  }

  @Test
  void refusesAFileWithoutAnArchitectureAndALaterPartOfASplitModel() throws Exception {
    new GgufBuilder().text("general.name", "x").writeTo(file);
    assertThat(failure()).hasMessageContaining("architecture");
    new GgufBuilder().uint32("split.no", 1).uint32("split.count", 3).writeTo(file);
    assertThat(failure()).hasMessageContaining("is part 2").hasMessageContaining("first part");
    small().uint32("split.no", 0).uint32("split.count", 3).writeTo(file);
    assertThat(GgufHeader.read(file).splitCount()).isEqualTo(3);
  }

  @Test
  void keepsNoMoreTextThanItsBound() throws Exception {
    small()
        .text("tokenizer.chat_template", "x".repeat(GgufParser.MAX_KEPT_BYTES))
        .text("general.name", "short")
        .texts("tokenizer.ggml.tokens", Collections.nCopies(200_000, "token"))
        .writeTo(file);
    GgufHeader header = GgufHeader.read(file);
    assertThat(header.chatTemplate()).isEmpty();
    assertThat(header.name()).isEqualTo("short");
    assertThat(header.vocabularySize()).isEqualTo(200_000);
  }

  @Test
  void showsNamesOfADamagedFileAsOneLine() throws IOException {
    Files.write(file, new Raw(0, 1).text("a\nb\u001b[31m" + "c".repeat(200)).int32(99).bytes());
    String message = failure().getMessage();
    assertThat(message).contains("'a?b?[31mccc").contains("...'").doesNotContain("\n", "\u001b");
  }

  private GgufBuilder small() {
    return new GgufBuilder().text("general.architecture", "qwen2");
  }

  private GgufException failure() {
    return catchThrowableOfType(GgufException.class, () -> GgufHeader.read(file));
  }

  private static ByteBuffer littleEndian(byte[] content) {
    return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes of a file that no honest writer would write. */
  private static final class Raw {
    private final ByteBuffer content =
        ByteBuffer.allocate(16 * 1024).order(ByteOrder.LITTLE_ENDIAN);

    Raw(long tensors, long metadataEntries) {
      content.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3);
      content.putLong(tensors).putLong(metadataEntries);
    }

    Raw int32(int value) {
      content.putInt(value);
      return this;
    }

    Raw int64(long value) {
      content.putLong(value);
      return this;
    }

    Raw text(String value) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      content.putLong(bytes.length).put(bytes);
      return this;
    }

    Raw tensor(String name, int type, long offset, long... dimensions) {
      text(name).int32(dimensions.length);
      for (long length : dimensions) {
        content.putLong(length);
      }
      return int32(type).int64(offset);
    }

    Raw pad(int bytes) {
      content.put(new byte[bytes]);
      return this;
    }

    byte[] bytes() {
      return Arrays.copyOf(content.array(), content.position());
    }
  }
}
