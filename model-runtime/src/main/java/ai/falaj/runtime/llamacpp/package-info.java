/**
 * Falaj's own engine: our scheduler and batching over llama.cpp's kernels.
 *
 * <p>One decode thread owns the native model from load to free. Everyone else enqueues; see {@link
 * ai.falaj.runtime.llamacpp.DecodeLoop}.
 */
package ai.falaj.runtime.llamacpp;
