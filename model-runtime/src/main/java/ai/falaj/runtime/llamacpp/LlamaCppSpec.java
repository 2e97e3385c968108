package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A GGUF model in llama.cpp, with the sizes of its runtime.
 *
 * @param model name that requests use
 * @param source path of a {@code .gguf} file, or a name of the catalogue; found where the runtime
 *     is opened
 * @param maxSequences generations that run at once. Each has a KV buffer of its own
 * @param contextTokensPerSequence prompt and completion tokens that one generation may hold
 * @param maxBatchTokens most tokens of one step
 * @param maxPrefillTokensWhileDecoding most prompt tokens of a step that also decodes
 * @param microBatchTokens tokens that llama.cpp computes at once; its compute buffers grow with it
 * @param threadsOrNull compute threads; null: as many as the opening process may use cores. More
 *     are refused when it is opened, because they make llama.cpp many times slower
 * @param maxWaiting requests that wait before {@link ModelRuntime#submit} refuses
 * @param chatTemplateName llama.cpp's name of a chat template that replaces the file's; null: the
 *     file's
 * @param gpuLayersOrNull layers that a GPU computes; null: all that fit, none without a GPU backend
 */
public record LlamaCppSpec(
    String model,
    String source,
    int maxSequences,
    int contextTokensPerSequence,
    int maxBatchTokens,
    int maxPrefillTokensWhileDecoding,
    int microBatchTokens,
    Integer threadsOrNull,
    int maxWaiting,
    String chatTemplateName,
    Integer gpuLayersOrNull)
    implements RuntimeSpec {

  /** Chat template name for models that take raw text only. */
  public static final String NO_CHAT_TEMPLATE = "none";

  public LlamaCppSpec {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(source, "source");
    requirePositive("max sequences", maxSequences);
    requirePositive("context tokens per sequence", contextTokensPerSequence);
    requirePositive("micro batch tokens", microBatchTokens);
    requirePositive("max waiting requests", maxWaiting);
    if (threadsOrNull != null) {
      requirePositive("threads", threadsOrNull);
    }
    if (maxBatchTokens < maxSequences) {
      throw new IllegalArgumentException(
          "max batch tokens is %d and max sequences %d; a step must hold one token of each sequence"
              .formatted(maxBatchTokens, maxSequences));
    }
  }

  /**
   * @param source path of a {@code .gguf} file, or a name of the catalogue
   */
  public static Builder builder(String source) {
    return new Builder(source);
  }

  @Override
  public ModelRuntime open() throws RuntimeLoadException {
    return LlamaCppRuntime.open(this);
  }

  /**
   * Compute threads in this process.
   *
   * @throws RuntimeLoadException if the spec asks for more than the cores that this process may use
   */
  int threadsHere() throws RuntimeLoadException {
    int cores = Runtime.getRuntime().availableProcessors();
    int threads = threadsOrNull == null ? cores : threadsOrNull;
    if (threads > cores) {
      throw new RuntimeLoadException(
          "threads is %d but this process may use %d cores; lower falaj.runtime.threads"
              .formatted(threads, cores));
    }
    return threads;
  }

  public Optional<String> chatTemplate() {
    return Optional.ofNullable(chatTemplateName);
  }

  public OptionalInt gpuLayers() {
    return gpuLayersOrNull == null ? OptionalInt.empty() : OptionalInt.of(gpuLayersOrNull);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
    }
  }

  /** Starts from defaults that suit a small model on a few cores. Confined to one thread. */
  public static final class Builder {
    private final String source;
    private String model;
    private int maxSequences = 16;
    private int contextTokensPerSequence = 2048;
    private int maxBatchTokens = 2048;
    private int maxPrefillTokensWhileDecoding = 512;
    private int microBatchTokens = 512;
    private Integer threads;
    private int maxWaiting = 4096;
    private String chatTemplateName;
    private Integer gpuLayers;

    private Builder(String source) {
      this.source = source;
      this.model = defaultName(source);
    }

    /**
     * Name that requests use; by default the file's name without {@code .gguf}, or the name of the
     * catalogue.
     */
    public Builder model(String value) {
      model = value;
      return this;
    }

    public Builder maxSequences(int value) {
      maxSequences = value;
      return this;
    }

    public Builder contextTokensPerSequence(int value) {
      contextTokensPerSequence = value;
      return this;
    }

    public Builder maxBatchTokens(int value) {
      maxBatchTokens = value;
      return this;
    }

    public Builder maxPrefillTokensWhileDecoding(int value) {
      maxPrefillTokensWhileDecoding = value;
      return this;
    }

    public Builder microBatchTokens(int value) {
      microBatchTokens = value;
      return this;
    }

    public Builder threads(int value) {
      threads = value;
      return this;
    }

    public Builder maxWaiting(int value) {
      maxWaiting = value;
      return this;
    }

    /** A name that llama.cpp knows, such as {@code chatml}, or {@link #NO_CHAT_TEMPLATE}. */
    public Builder chatTemplate(String value) {
      chatTemplateName = value;
      return this;
    }

    public Builder gpuLayers(int value) {
      gpuLayers = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the values in conflict
     */
    public LlamaCppSpec build() {
      return new LlamaCppSpec(
          model,
          source,
          maxSequences,
          contextTokensPerSequence,
          maxBatchTokens,
          maxPrefillTokensWhileDecoding,
          microBatchTokens,
          threads,
          maxWaiting,
          chatTemplateName,
          gpuLayers);
    }

    private static String defaultName(String source) {
      String name =
          source.substring(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1);
      return name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name;
    }
  }
}
