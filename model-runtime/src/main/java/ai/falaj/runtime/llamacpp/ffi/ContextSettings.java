package ai.falaj.runtime.llamacpp.ffi;

/**
 * Sizes of a context.
 *
 * @param maxSequences KV slots
 * @param contextTokensPerSequence KV entries of one slot; llama.cpp rounds up to a multiple of 256
 * @param maxBatchTokens most tokens of one {@link LlamaContext#decode}
 * @param microBatchTokens tokens that are computed at once; larger batches are split
 * @param threads compute threads. More than the machine has cores makes llama.cpp's barriers
 *     collapse
 */
public record ContextSettings(
    int maxSequences,
    int contextTokensPerSequence,
    int maxBatchTokens,
    int microBatchTokens,
    int threads) {}
