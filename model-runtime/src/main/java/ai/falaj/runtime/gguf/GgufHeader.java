package ai.falaj.runtime.gguf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a GGUF model file says about itself, read and checked before native code sees the file.
 * Immutable.
 *
 * <p>{@link #read} walks the whole header (a few milliseconds, a few megabytes at most) and checks
 * that every tensor lies inside the file, so a truncated download is found here. It does not read
 * the weights: a flipped bit among them is what the SHA-256 of the download is for.
 */
public final class GgufHeader {

  static final String DOWNLOAD_AGAIN =
      "download it again (falaj model pull NAME, for a model of the catalogue)";

  private static final int F16_BYTES = 2;

  private final Path file;
  private final GgufParser.Parsed parsed;
  private final String architecture;

  private GgufHeader(Path file, GgufParser.Parsed parsed, String architecture) {
    this.file = file;
    this.parsed = parsed;
    this.architecture = architecture;
  }

  /**
   * Reads and checks the header of a model file. Of a model that is split into several files, this
   * is the first; the others are not looked at.
   *
   * @throws GgufException when the file cannot be read, is no GGUF file, is damaged or truncated
   */
  public static GgufHeader read(Path file) throws GgufException {
    GgufParser.Parsed parsed;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      parsed = new GgufParser(file, new GgufInput(file, channel)).parse();
    } catch (NoSuchFileException e) {
      throw new GgufException(file, "does not exist", "check the path, or " + DOWNLOAD_AGAIN, e);
    } catch (IOException e) {
      String reason = Files.isDirectory(file) ? "is a directory" : "cannot be read (" + e + ")";
      throw new GgufException(file, reason, "name a readable .gguf file", e);
    }
    long splitIndex = whole(parsed.metadata(), "split.no").orElse(0L);
    if (splitIndex != 0) {
      throw new GgufException(
          file,
          "is part " + (splitIndex + 1) + " of a model that is split into several files",
          "name the first part (00001-of-...)");
    }
    if (!(parsed.metadata().get("general.architecture") instanceof GgufValue.Text architecture)) {
      throw new GgufException(
          file, "does not name its architecture", "it holds no model that llama.cpp can run");
    }
    return new GgufHeader(file, parsed, architecture.value());
  }

  /** The file that was read. */
  public Path file() {
    return file;
  }

  /** 2 or 3. */
  public int version() {
    return parsed.version();
  }

  /** As llama.cpp names it, such as {@code qwen2} or {@code llama}. */
  public String architecture() {
    return architecture;
  }

  /** {@code model}, {@code adapter}, ...; absent where the file does not say. */
  public Optional<String> type() {
    return text("general.type");
  }

  /** Of an adapter, such as {@code lora}. */
  public Optional<String> adapterType() {
    return text("adapter.type");
  }

  /** Whether a metadata entry is a 32-bit float, which llama.cpp ends the process for not being. */
  public boolean hasSinglePrecision(String key) {
    return parsed.metadata().get(key) instanceof GgufValue.Real real && real.single();
  }

  /** The model's own name; the file's where it has none. */
  public String name() {
    return text("general.name").orElseGet(() -> file.getFileName().toString());
  }

  /** Tokens that the model was trained to attend to; 0 where the file does not say. */
  public int contextLength() {
    return count("context_length");
  }

  /**
   * How the context is stretched; llama.cpp reads a factor without a type as {@code linear}. Absent
   * where the file says nothing of it.
   */
  public Optional<GgufRopeScaling> ropeScaling() {
    Optional<String> type = text(architecture + ".rope.scaling.type");
    OptionalDouble factor = real("rope.scaling.factor");
    if (factor.isEmpty()) {
      factor = real("rope.scale_linear");
    }
    int original = count("rope.scaling.original_context_length");
    if (type.isEmpty() && factor.isEmpty() && original == 0) {
      return Optional.empty();
    }
    double stretch = factor.orElse(0);
    return Optional.of(
        new GgufRopeScaling(type.orElse("linear"), stretch > 0 ? stretch : 1, original));
  }

  /** Transformer layers; 0 where the file does not say. */
  public int blockCount() {
    return count("block_count");
  }

  /** Width of the residual stream; 0 where the file does not say. */
  public int embeddingLength() {
    return count("embedding_length");
  }

  /** Attention heads of the widest layer; 0 where the file does not say. */
  public int headCount() {
    return perLayer("attention.head_count").stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Key and value heads of the widest layer; {@link #headCount()} where the file does not say. */
  public int headCountKv() {
    return perLayer("attention.head_count_kv").stream()
        .mapToInt(Integer::intValue)
        .max()
        .orElseGet(this::headCount);
  }

  /** Elements of one head's key; 0 where the file does not say enough. */
  public int keyLength() {
    return headElements("attention.key_length");
  }

  /** Elements of one head's value; 0 where the file does not say enough. */
  public int valueLength() {
    return headElements("attention.value_length");
  }

  /** Tokens of the vocabulary; 0 where the file holds none. */
  public int vocabularySize() {
    if (parsed.metadata().get("tokenizer.ggml.tokens") instanceof GgufValue.Array tokens) {
      return clampToInt(tokens.count());
    }
    return count("vocab_size");
  }

  /** The file's quantization as publishers write it, such as {@code Q4_K_M} or {@code F16}. */
  public String quantization() {
    return whole(parsed.metadata(), "general.file_type")
        .flatMap(QuantizationNames::ofFileType)
        .orElseGet(this::quantizationOfMostBytes);
  }

  /** The Jinja template that turns a conversation into text. */
  public Optional<String> chatTemplate() {
    return text("tokenizer.chat_template");
  }

  public OptionalInt bosTokenId() {
    return tokenId("tokenizer.ggml.bos_token_id");
  }

  public OptionalInt eosTokenId() {
    return tokenId("tokenizer.ggml.eos_token_id");
  }

  /** Whether the tokenizer puts a beginning-of-sequence token first; absent: llama.cpp decides. */
  public Optional<Boolean> addsBosToken() {
    return flag("tokenizer.ggml.add_bos_token");
  }

  /** Whether the tokenizer puts an end-of-sequence token last; absent: llama.cpp decides. */
  public Optional<Boolean> addsEosToken() {
    return flag("tokenizer.ggml.add_eos_token");
  }

  /** Files that the model is split into; 1 for a whole model. */
  public int splitCount() {
    return Math.max(
        1, whole(parsed.metadata(), "split.count").map(GgufHeader::clampToInt).orElse(1));
  }

  public int tensorCount() {
    return parsed.tensorCount();
  }

  /** Bytes of all tensors in this file. */
  public long tensorBytes() {
    return parsed.tensorBytes().total();
  }

  /** Where the bytes of the tensors in this file are. */
  public GgufTensorBytes tensorBytesByPlace() {
    return parsed.tensorBytes();
  }

  /**
   * Elements between the two matrices of a feed-forward block; for a mixture of experts, of all
   * experts that one token meets. 0 where the file does not say.
   */
  public long feedForwardLength() {
    long dense =
        perLayer("feed_forward_length").stream().mapToInt(Integer::intValue).max().orElse(0);
    long experts = (long) count("expert_feed_forward_length") * count("expert_used_count");
    return Math.max(dense, experts);
  }

  /** Key and value heads of all layers together. */
  public long kvHeadsOfAllLayers() {
    List<Integer> kvHeads = perLayer("attention.head_count_kv");
    return kvHeads.size() > 1
        ? kvHeads.stream().mapToLong(Integer::longValue).sum()
        : (long) blockCount() * headCountKv();
  }

  /** Elements of all tensors in this file. */
  public long parameterCount() {
    return parsed.parameters();
  }

  /**
   * Bytes that one token takes in an f16 KV cache: key and value of each KV head of each layer. For
   * architectures that keep less (sliding windows, recurrent layers, latent attention) this is an
   * upper bound; 0 where the file does not say enough.
   */
  public long kvBytesPerToken() {
    return saturatedProduct(
        kvHeadsOfAllLayers(), (long) F16_BYTES * ((long) keyLength() + valueLength()));
  }

  @Override
  public String toString() {
    return architecture
        + " "
        + name()
        + " "
        + quantization()
        + " ("
        + parameterCount()
        + " parameters, "
        + tensorBytes()
        + " bytes)";
  }

  private String quantizationOfMostBytes() {
    return parsed.bytesByType().entrySet().stream()
        .max(Comparator.comparingLong(Map.Entry::getValue))
        .map(entry -> entry.getKey().name())
        .orElse("unknown");
  }

  private int headElements(String key) {
    int stated = count(key);
    if (stated > 0) {
      return stated;
    }
    return headCount() == 0 ? 0 : embeddingLength() / headCount();
  }

  private int count(String keyWithoutArchitecture) {
    return whole(parsed.metadata(), architecture + "." + keyWithoutArchitecture)
        .map(GgufHeader::clampToInt)
        .orElse(0);
  }

  private OptionalDouble real(String keyWithoutArchitecture) {
    return parsed.metadata().get(architecture + "." + keyWithoutArchitecture)
            instanceof GgufValue.Real real
        ? OptionalDouble.of(real.value())
        : OptionalDouble.empty();
  }

  /** One number for all layers, or one for each. */
  private List<Integer> perLayer(String keyWithoutArchitecture) {
    GgufValue value = parsed.metadata().get(architecture + "." + keyWithoutArchitecture);
    if (value instanceof GgufValue.Whole whole) {
      return List.of(clampToInt(whole.value()));
    }
    if (value instanceof GgufValue.Array array) {
      return array.integers().stream().map(GgufHeader::clampToInt).toList();
    }
    return List.of();
  }

  private Optional<String> text(String key) {
    return parsed.metadata().get(key) instanceof GgufValue.Text text
        ? Optional.of(text.value())
        : Optional.empty();
  }

  private Optional<Boolean> flag(String key) {
    return parsed.metadata().get(key) instanceof GgufValue.Flag flag
        ? Optional.of(flag.value())
        : Optional.empty();
  }

  private OptionalInt tokenId(String key) {
    Optional<Long> id = whole(parsed.metadata(), key).filter(v -> v >= 0 && v < Integer.MAX_VALUE);
    return id.isPresent() ? OptionalInt.of(id.get().intValue()) : OptionalInt.empty();
  }

  private static Optional<Long> whole(Map<String, GgufValue> metadata, String key) {
    return metadata.get(key) instanceof GgufValue.Whole whole
        ? Optional.of(whole.value())
        : Optional.empty();
  }

  private static int clampToInt(long value) {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, value));
  }

  private static long saturatedProduct(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }
}
