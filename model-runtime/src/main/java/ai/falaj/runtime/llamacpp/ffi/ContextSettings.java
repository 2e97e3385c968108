package ai.falaj.runtime.llamacpp.ffi;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Sizes and number formats of a context.
 *
 * @param maxSequences sequence ids, each a KV buffer of its own unless there is a shared pool
 * @param contextTokensPerSequence KV entries of one sequence; without a pool llama.cpp rounds up to
 *     a multiple of 256
 * @param maxBatchTokens most tokens of one {@link LlamaContext#decode}
 * @param microBatchTokens tokens that are computed at once; larger batches are split
 * @param maxOutputs most tokens of one batch whose logits are wanted; at least {@code maxSequences}
 * @param threads compute threads. More than the machine has cores makes llama.cpp's barriers
 *     collapse
 * @param sharedPoolTokens KV entries that all sequences take from together ({@code kv_unified});
 *     absent: each sequence has its own
 * @param keyType {@code enum ggml_type} of keys
 * @param valueType {@code enum ggml_type} of values
 * @param rope replaces what the model's file says; absent: as the file says
 */
public record ContextSettings(
    int maxSequences,
    int contextTokensPerSequence,
    int maxBatchTokens,
    int microBatchTokens,
    int maxOutputs,
    int threads,
    OptionalInt sharedPoolTokens,
    int keyType,
    int valueType,
    Optional<Rope> rope) {

  /** {@code GGML_TYPE_F16}, llama.cpp's own default for keys and values. */
  public static final int TYPE_F16 = 1;

  public ContextSettings {
    Objects.requireNonNull(sharedPoolTokens, "sharedPoolTokens");
    Objects.requireNonNull(rope, "rope");
    if (maxOutputs < maxSequences) {
      throw new IllegalArgumentException(
          "max outputs is %d and max sequences %d; every sequence may want a row of logits"
              .formatted(maxOutputs, maxSequences));
    }
  }

  /** A buffer of f16 for each sequence, one row of logits per sequence, rope as the file says. */
  public ContextSettings(
      int maxSequences,
      int contextTokensPerSequence,
      int maxBatchTokens,
      int microBatchTokens,
      int threads) {
    this(
        maxSequences,
        contextTokensPerSequence,
        maxBatchTokens,
        microBatchTokens,
        maxSequences,
        threads,
        OptionalInt.empty(),
        TYPE_F16,
        TYPE_F16,
        Optional.empty());
  }

  /** KV entries of all sequences together, before llama.cpp rounds them. */
  public long kvTokens() {
    return sharedPoolTokens.isPresent()
        ? sharedPoolTokens.getAsInt()
        : (long) maxSequences * contextTokensPerSequence;
  }

  /**
   * How positions are turned into rotations.
   *
   * @param scalingType {@code enum llama_rope_scaling_type}
   * @param factor how many times longer than trained a context may be; 1 changes nothing
   * @param originalContextTokens context that the model was trained with
   */
  public record Rope(int scalingType, double factor, int originalContextTokens) {

    /** {@code LLAMA_ROPE_SCALING_TYPE_LINEAR}. */
    public static final int LINEAR = 1;

    /** {@code LLAMA_ROPE_SCALING_TYPE_YARN}. */
    public static final int YARN = 2;
  }
}
