package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.files.CacheDirectory;
import ai.falaj.runtime.progress.ProgressListener;
import ai.falaj.runtime.scheduler.TenantShare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
 * @param kvLayout how sequences hold their KV entries
 * @param kvPoolTokensOrNull KV entries of {@link KvLayout#SHARED}; null: a whole context for each
 *     sequence
 * @param keyType number format of keys
 * @param valueType number format of values; formats below 16 bits need flash attention
 * @param ropeScalingOrNull replaces what the file says; null: as the file says
 * @param prefixSharing whether the KV entries of a prompt's beginning are used again by prompts
 *     that begin alike
 * @param prefixStoreBytes memory outside the context for prefixes whose slot another sequence
 *     needed; 0: none are kept
 * @param prefillStretch a step with prompt tokens takes at most about this many times as long as
 *     one that only decodes; at least 1
 * @param speculation whether tokens are guessed ahead
 * @param adapters LoRA adapters to load beside the model
 * @param tenants weights and budgets; tenants that are not named have weight 1 and no budget
 * @param reloadOnChange look at the model's file every few seconds, and load it anew when it was
 *     replaced, while requests are served
 * @param crashDirectoryOrNull folder that remembers for a day which requests the engine crashed on,
 *     best one that all processes of a machine share; null: {@code crashes} in the cache folder of
 *     the process that opens it
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
    Integer gpuLayersOrNull,
    KvLayout kvLayout,
    Integer kvPoolTokensOrNull,
    KvType keyType,
    KvType valueType,
    RopeScaling ropeScalingOrNull,
    boolean prefixSharing,
    long prefixStoreBytes,
    double prefillStretch,
    Speculation speculation,
    List<LoraAdapter> adapters,
    List<TenantShare> tenants,
    boolean reloadOnChange,
    String crashDirectoryOrNull)
    implements RuntimeSpec {

  /** Chat template name for models that take raw text only. */
  public static final String NO_CHAT_TEMPLATE = "none";

  /** Between two looks at the model's file. */
  private static final Duration RELOAD_INTERVAL = Duration.ofSeconds(5);

  public LlamaCppSpec {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(kvLayout, "kvLayout");
    Objects.requireNonNull(keyType, "keyType");
    Objects.requireNonNull(valueType, "valueType");
    Objects.requireNonNull(speculation, "speculation");
    adapters = new ArrayList<>(adapters);
    tenants = new ArrayList<>(tenants);
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
    if (kvPoolTokensOrNull != null && kvLayout != KvLayout.SHARED) {
      throw new IllegalArgumentException(
          "a KV pool of %d tokens needs the SHARED layout, but the layout is %s"
              .formatted(kvPoolTokensOrNull, kvLayout));
    }
    if (kvPoolTokensOrNull != null && kvPoolTokensOrNull < contextTokensPerSequence) {
      throw new IllegalArgumentException(
          "the KV pool is %d tokens and a context %d; the pool must hold one whole context"
              .formatted(kvPoolTokensOrNull, contextTokensPerSequence));
    }
    if (prefixStoreBytes < 0) {
      throw new IllegalArgumentException(
          "the prefix store is " + prefixStoreBytes + " bytes; it must be 0 or more");
    }
    if (!(prefillStretch >= 1)) {
      throw new IllegalArgumentException(
          "the prefill stretch is " + prefillStretch + "; it must be 1 or more");
    }
    requireDistinct("adapter", adapters.stream().map(LoraAdapter::name).toList());
    requireDistinct("tenant", tenants.stream().map(TenantShare::tenant).toList());
  }

  public List<LoraAdapter> adapters() {
    return Collections.unmodifiableList(adapters);
  }

  public List<TenantShare> tenants() {
    return Collections.unmodifiableList(tenants);
  }

  /** In this process. */
  Path crashDirectory() {
    return crashDirectoryOrNull == null
        ? CacheDirectory.locate(System.getenv()).resolve("crashes")
        : Path.of(crashDirectoryOrNull);
  }

  public Optional<RopeScaling> ropeScaling() {
    return Optional.ofNullable(ropeScalingOrNull);
  }

  /** KV entries of all sequences together. */
  public long kvTokens() {
    return kvPoolTokensOrNull != null
        ? kvPoolTokensOrNull
        : (long) maxSequences * contextTokensPerSequence;
  }

  private static void requireDistinct(String what, List<String> names) {
    for (String name : names) {
      if (Collections.frequency(names, name) > 1) {
        throw new IllegalArgumentException(what + " '" + name + "' is configured twice");
      }
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
    return open(ProgressListener.NONE);
  }

  @Override
  public ModelRuntime open(ProgressListener progress) throws RuntimeLoadException {
    return reloadOnChange
        ? LlamaReload.open(this, progress, RELOAD_INTERVAL)
        : LlamaCppRuntime.open(this, progress);
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
    private KvLayout kvLayout = KvLayout.PER_SEQUENCE;
    private Integer kvPoolTokens;
    private KvType keyType = KvType.F16;
    private KvType valueType = KvType.F16;
    private RopeScaling ropeScaling;
    private boolean prefixSharing = true;
    private long prefixStoreBytes = 256L << 20;
    private double prefillStretch = 24;
    private Speculation speculation = Speculation.OFF;
    private List<LoraAdapter> adapters = List.of();
    private List<TenantShare> tenants = List.of();
    private boolean reloadOnChange;
    private String crashDirectory;

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

    public Builder kvLayout(KvLayout value) {
      kvLayout = value;
      return this;
    }

    public Builder kvPoolTokens(int value) {
      kvPoolTokens = value;
      return this;
    }

    public Builder keyType(KvType value) {
      keyType = value;
      return this;
    }

    public Builder valueType(KvType value) {
      valueType = value;
      return this;
    }

    public Builder ropeScaling(RopeScaling value) {
      ropeScaling = value;
      return this;
    }

    public Builder prefixSharing(boolean value) {
      prefixSharing = value;
      return this;
    }

    public Builder prefixStoreBytes(long value) {
      prefixStoreBytes = value;
      return this;
    }

    public Builder prefillStretch(double value) {
      prefillStretch = value;
      return this;
    }

    public Builder speculation(Speculation value) {
      speculation = value;
      return this;
    }

    public Builder adapters(List<LoraAdapter> value) {
      adapters = value;
      return this;
    }

    public Builder tenants(List<TenantShare> value) {
      tenants = value;
      return this;
    }

    public Builder reloadOnChange(boolean value) {
      reloadOnChange = value;
      return this;
    }

    /** By default the folder {@code crashes} of the cache folder. */
    public Builder crashDirectory(String value) {
      crashDirectory = value;
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
          gpuLayers,
          kvLayout,
          kvPoolTokens,
          keyType,
          valueType,
          ropeScaling,
          prefixSharing,
          prefixStoreBytes,
          prefillStretch,
          speculation,
          adapters,
          tenants,
          reloadOnChange,
          crashDirectory);
    }

    private static String defaultName(String source) {
      String name =
          source.substring(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1);
      return name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name;
    }
  }
}
