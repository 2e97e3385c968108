package ai.falaj.runtime.gguf;

/**
 * Where the bytes of a model's tensors are.
 *
 * @param layers of all transformer layers
 * @param output that turns the last layer into logits; the embeddings' where both are one tensor
 * @param total of all tensors in the file; shared ones count once
 */
public record GgufTensorBytes(long layers, long output, long total) {}
