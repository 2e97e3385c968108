package ai.falaj.jobs.size;

import ai.falaj.runtime.llamacpp.KvLayout;
import ai.falaj.runtime.llamacpp.KvType;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.llamacpp.MemoryPlanner;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.memory.ModelGeometry;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A model in the TaskManager's own process, by the same plan that the runtime makes before it loads
 * ({@link MemoryPlanner}). Stateless.
 */
final class LlamaCppMemory implements EngineMemory {

  /** As the runtime leaves it alone on each GPU. */
  private static final long GPU_RESERVE_BYTES = 1L << 30;

  private static final int BATCH_TOKENS = 2_048;
  private static final int BLOCK_TOKENS = 256;

  private final String source;
  private final ModelGeometry model;
  private final Workload load;
  private final Hardware hardware;
  private final int gpus;
  private final KvType kvType;
  private final KvLayout layout;

  /**
   * @param source as {@code falaj.model} names the model
   */
  LlamaCppMemory(
      String source,
      ModelGeometry model,
      Workload load,
      Hardware hardware,
      int gpus,
      KvType kvType,
      KvLayout layout) {
    this.source = source;
    this.model = model;
    this.load = load;
    this.hardware = hardware;
    this.gpus = gpus;
    this.kvType = kvType;
    this.layout = layout;
  }

  @Override
  public long kvBytesPerToken() {
    return model.kvHeadsOfAllLayers()
        * (kvType.bytes(model.keyLength()) + kvType.bytes(model.valueLength()));
  }

  @Override
  public int sequencesThatFit() {
    int low = 0;
    int high = EngineKind.LLAMA_CPP.mostSequences();
    while (low < high) {
      int probe = low + (high - low + 1) / 2;
      if (fits(probe)) {
        low = probe;
      } else {
        high = probe - 1;
      }
    }
    return low;
  }

  @Override
  public long kvTokens(int sequences) {
    return layout == KvLayout.SHARED
        ? poolTokens(sequences)
        : sequences * blocks(load.contextTokens());
  }

  @Override
  public long gpuBytes(int sequences) {
    return plan(sequences).gpuBytes();
  }

  @Override
  public long hostBytes(int sequences) {
    return plan(sequences).hostBytes();
  }

  @Override
  public long availableBytes() {
    long memory = (long) hardware.memoryBytes();
    return hardware.isGpu() ? gpus * (memory - GPU_RESERVE_BYTES) : memory;
  }

  /** On a processor, the whole TaskManager has to. */
  private boolean fits(int sequences) {
    long bytes =
        hardware.isGpu()
            ? gpuBytes(sequences)
            : FlinkSize.withModelInside(1, sequences, hostBytes(sequences), load).processBytes();
    return bytes <= availableBytes();
  }

  /** A pool holds every sequence at its end, and at least one of full length. */
  private int poolTokens(int sequences) {
    long tokens = sequences * blocks(load.tokens());
    return (int) Math.min(Integer.MAX_VALUE, Math.max(tokens, blocks(load.contextTokens())));
  }

  private static long blocks(double tokens) {
    return (long) Math.ceil(tokens / BLOCK_TOKENS) * BLOCK_TOKENS;
  }

  private MemoryPlan plan(int sequences) {
    LlamaCppSpec.Builder spec =
        LlamaCppSpec.builder(source)
            .maxSequences(sequences)
            .maxBatchTokens(Math.max(sequences, BATCH_TOKENS))
            .contextTokensPerSequence(load.contextTokens())
            .kvLayout(layout)
            .keyType(kvType)
            .valueType(kvType);
    if (layout == KvLayout.SHARED) {
      spec.kvPoolTokens(poolTokens(sequences));
    }
    try {
      MemoryPlanner planner = new MemoryPlanner(spec.build(), model);
      return planner.plan(hardware.isGpu() ? planner.mostGpuLayers() : 0);
    } catch (IOException e) {
      throw new UncheckedIOException("adapters were looked at, where none is named", e);
    }
  }
}
