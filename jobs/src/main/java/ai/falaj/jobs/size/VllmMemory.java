package ai.falaj.jobs.size;

import ai.falaj.runtime.llamacpp.KvType;
import ai.falaj.runtime.memory.ModelGeometry;

/**
 * A model in vLLM: it takes a share of each GPU, and gives what weights and activations leave of it
 * to pages of KV entries. Stateless.
 */
final class VllmMemory implements EngineMemory {

  private static final double MEMORY_SHARE = 0.9;
  private static final long ACTIVATION_BYTES = 2_000_000_000L;
  private static final int PAGE_TOKENS = 16;

  private final ModelGeometry model;
  private final Workload load;
  private final Hardware hardware;
  private final int gpus;
  private final KvType kvType;

  VllmMemory(ModelGeometry model, Workload load, Hardware hardware, int gpus, KvType kvType) {
    this.model = model;
    this.load = load;
    this.hardware = hardware;
    this.gpus = gpus;
    this.kvType = kvType;
  }

  /** Eight bits are FP8 there, without a scale for each block. */
  @Override
  public long kvBytesPerToken() {
    long elements = (long) model.keyLength() + model.valueLength();
    return model.kvHeadsOfAllLayers() * (kvType == KvType.Q8_0 ? elements : kvType.bytes(elements));
  }

  /** It does not start where a whole context does not fit. */
  @Override
  public int sequencesThatFit() {
    long tokens = (availableBytes() - model.weightBytes() - activationBytes()) / kvBytesPerToken();
    if (tokens < load.contextTokens()) {
      return 0;
    }
    return (int) Math.min(EngineKind.VLLM.mostSequences(), tokens / pages(load.tokens()));
  }

  @Override
  public long kvTokens(int sequences) {
    return sequences * pages(load.tokens());
  }

  @Override
  public long gpuBytes(int sequences) {
    return model.weightBytes() + activationBytes() + kvTokens(sequences) * kvBytesPerToken();
  }

  @Override
  public long hostBytes(int sequences) {
    return 0;
  }

  @Override
  public long availableBytes() {
    return (long) (gpus * hardware.memoryBytes() * MEMORY_SHARE);
  }

  private long activationBytes() {
    return gpus * ACTIVATION_BYTES;
  }

  private static long pages(double tokens) {
    return (long) Math.ceil(tokens / PAGE_TOKENS) * PAGE_TOKENS;
  }
}
