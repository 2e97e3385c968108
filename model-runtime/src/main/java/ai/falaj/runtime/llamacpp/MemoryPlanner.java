package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.gguf.GgufTensorBytes;
import ai.falaj.runtime.llamacpp.ffi.ComputeDevice;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.memory.MemoryPlan.Kind;
import ai.falaj.runtime.memory.MemoryPlan.Part;
import ai.falaj.runtime.memory.ModelGeometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says what a spec's model will take, from the header of its file or from its sizes alone: nothing
 * is loaded.
 *
 * <p>Weights and KV cache are exact. The compute buffers are an estimate of the largest of the
 * graphs that llama.cpp 0.5.0 reserves, fitted to its own figures over 50 contexts of two models:
 * within a tenth where the logits of many rows or the attention mask dominate, a third where a tiny
 * model's buffers are a few MiB. It assumes flash attention, which llama.cpp chooses by itself
 * where the backend has it.
 */
public final class MemoryPlanner {

  /** llama.cpp's own fitting leaves as much of each GPU alone. */
  private static final long GPU_RESERVE_BYTES = 1L << 30;

  private static final int F32_BYTES = 4;
  private static final int MASK_BYTES = 2;

  private final LlamaCppSpec spec;
  private final ModelGeometry model;
  private final Optional<GgufHeader> draft;
  private final long adapterBytes;

  /**
   * @param draft of the model that speculation asks first; absent without one
   * @throws IOException if an adapter, or a part of a model in several files, cannot be looked at
   */
  public MemoryPlanner(LlamaCppSpec spec, GgufHeader model, Optional<GgufHeader> draft)
      throws IOException {
    this(spec, ModelGeometry.of(model), draft);
  }

  /**
   * For a model whose file is not here.
   *
   * @throws IOException if an adapter cannot be looked at
   */
  public MemoryPlanner(LlamaCppSpec spec, ModelGeometry model) throws IOException {
    this(spec, model, Optional.empty());
  }

  private MemoryPlanner(LlamaCppSpec spec, ModelGeometry model, Optional<GgufHeader> draft)
      throws IOException {
    this.spec = spec;
    this.model = model;
    this.draft = draft;
    long adapters = 0;
    for (LoraAdapter adapter : spec.adapters()) {
      adapters += Files.size(Path.of(adapter.path()));
    }
    this.adapterBytes = adapters;
  }

  /**
   * @param gpuLayers layers that GPUs compute, the output counted as one; 0: all in the machine's
   *     memory
   */
  public MemoryPlan plan(int gpuLayers) {
    return plan(KvShape.of(spec), gpuLayers);
  }

  /** As {@link #plan(int)}, for other sequences, contexts or number formats than the spec's. */
  MemoryPlan plan(KvShape kv, int gpuLayers) {
    int onGpu = Math.max(0, Math.min(gpuLayers, mostGpuLayers()));
    long gpuWeights = gpuWeightBytes(onGpu);
    long kvBytes = product(kv.tokens(), kvBytesPerToken(kv));
    long gpuKv = layers() == 0 ? 0 : (long) ((double) kvBytes * repeating(onGpu) / layers());
    long compute = computeBytes(kv);
    long logits = product(outputs(kv), (long) F32_BYTES * model.vocabularySize());
    boolean allOnGpu = onGpu == mostGpuLayers();
    long hostCompute = allOnGpu ? inputBytes() : compute;
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part(
            Kind.WEIGHTS,
            "%s in %d layers%s"
                .formatted(
                    model.quantization(),
                    layers(),
                    onGpu == 0 ? "" : ", %d of %d on GPUs".formatted(onGpu, mostGpuLayers())),
            model.weightBytes() - gpuWeights,
            gpuWeights));
    parts.add(new Part(Kind.KV_CACHE, kv.toString(), kvBytes - gpuKv, gpuKv));
    parts.add(
        new Part(
            Kind.COMPUTE,
            "%d tokens at once, %d rows of logits".formatted(microBatch(), outputs(kv)),
            sum(hostCompute, logits),
            onGpu == 0 ? 0 : compute));
    if (adapterBytes > 0) {
      parts.add(
          new Part(Kind.ADAPTERS, spec.adapters().size() + " LoRA adapters", adapterBytes, 0));
    }
    draft.ifPresent(header -> parts.add(draftPart(header, kv)));
    if (spec.prefixStoreBytes() > 0) {
      parts.add(
          new Part(Kind.PREFIX_STORE, "at most, as it is needed", spec.prefixStoreBytes(), 0));
    }
    return new MemoryPlan(parts);
  }

  /** All layers and the output. */
  public int mostGpuLayers() {
    return layers() + 1;
  }

  /**
   * As many layers as fit in the free memory of these devices, after a reserve on each.
   *
   * @return 0 where there is no GPU or nothing fits
   */
  public int gpuLayersThatFit(List<ComputeDevice> devices) {
    long usable =
        devices.stream()
            .filter(ComputeDevice::isGpu)
            .mapToLong(device -> Math.max(0, device.freeBytes() - GPU_RESERVE_BYTES))
            .sum();
    int fitting = mostGpuLayers();
    while (fitting > 0 && plan(fitting).gpuBytes() > usable) {
      fitting--;
    }
    return fitting;
  }

  LlamaCppSpec spec() {
    return spec;
  }

  ModelGeometry model() {
    return model;
  }

  private int layers() {
    return model.layers();
  }

  /** llama.cpp gives a GPU the output first, then layers from the last one down. */
  private int repeating(int gpuLayers) {
    return Math.max(0, gpuLayers - 1);
  }

  private long gpuWeightBytes(int gpuLayers) {
    if (gpuLayers == 0 || layers() == 0) {
      return 0;
    }
    GgufTensorBytes places = model.places();
    // Only the first of several files was read; its mix of tensors stands for all.
    double scale = places.total() == 0 ? 1 : (double) model.weightBytes() / places.total();
    double bytes = places.output() + (double) places.layers() * repeating(gpuLayers) / layers();
    return Math.min(model.weightBytes(), (long) (bytes * scale));
  }

  private long kvBytesPerToken(KvShape kv) {
    long head = kv.keyType().bytes(model.keyLength()) + kv.valueType().bytes(model.valueLength());
    return product(model.kvHeadsOfAllLayers(), head);
  }

  /**
   * The largest graph: a layer's feed-forward block over a whole micro-batch, or the logits of all
   * rows; and the attention mask beside either.
   */
  private long computeBytes(KvShape kv) {
    long tokens = Math.min(microBatch(), kv.tokens());
    long layer =
        product(F32_BYTES * tokens, 3 * model.feedForwardLength() + 4L * model.embeddingLength());
    long rows = Math.min(tokens, outputs(kv));
    long output =
        sum(
            product(F32_BYTES * rows, model.vocabularySize()),
            product(2L * F32_BYTES * tokens, model.embeddingLength()));
    return sum(Math.max(layer, output), product(MASK_BYTES * tokens, kv.tokensOfOneBuffer()));
  }

  private long inputBytes() {
    return product(2L * F32_BYTES * microBatch(), model.embeddingLength());
  }

  private int microBatch() {
    return Math.min(spec.microBatchTokens(), spec.maxBatchTokens());
  }

  private int outputs(KvShape kv) {
    return kv.sequences() * (1 + ContextPlan.maxDraftTokens(spec));
  }

  /** Its KV cache holds the sequences that may speculate at once, in f16. */
  private Part draftPart(GgufHeader header, KvShape kv) {
    int sequences = Math.min(spec.speculation().maxSequences(), kv.sequences());
    long tokens = product(sequences, kv.withSequences(1).tokensOfOneBuffer());
    return new Part(
        Kind.DRAFT_MODEL,
        header.quantization() + " with a context of its own",
        sum(header.tensorBytes(), product(tokens, header.kvBytesPerToken())),
        0);
  }

  private static long product(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }

  private static long sum(long a, long b) {
    return a + b < 0 ? Long.MAX_VALUE : a + b;
  }
}
