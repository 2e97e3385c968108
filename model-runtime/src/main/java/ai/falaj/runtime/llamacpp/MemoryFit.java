package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.memory.MachineMemory;
import ai.falaj.runtime.memory.MemoryPlan;
import ai.falaj.runtime.memory.MemoryPlan.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Compares a plan with the memory there is, before anything is loaded. Refuses what certainly does
 * not fit, because the machine would otherwise swap or the kernel kill the whole process, and says
 * what would.
 */
final class MemoryFit {

  private final MemoryPlanner planner;
  private final int gpuLayers;
  private final long availableBytes;

  MemoryFit(MemoryPlanner planner, int gpuLayers, MachineMemory machine) {
    this.planner = planner;
    this.gpuLayers = gpuLayers;
    this.availableBytes = machine.availableBytes();
  }

  /** Whether the whole plan fits, estimates included. */
  boolean fits() {
    return planner.plan(gpuLayers).hostBytes() <= availableBytes;
  }

  /**
   * @throws RuntimeLoadException if weights and KV cache alone are more than there is
   */
  void require() throws RuntimeLoadException {
    MemoryPlan plan = planner.plan(gpuLayers);
    if (plan.certainHostBytes() <= availableBytes) {
      return;
    }
    throw new RuntimeLoadException(
        "model %s needs %s of memory (%s) but %s is available; %s"
            .formatted(
                planner.spec().model(),
                MemoryPlan.megabytes(plan.hostBytes()),
                plan.summary(),
                MemoryPlan.megabytes(availableBytes),
                remedy()));
  }

  private String remedy() {
    KvShape wanted = KvShape.of(planner.spec());
    List<String> ways = new ArrayList<>();
    if (wanted.poolTokens().isPresent()) {
      largest(
              wanted.poolTokens().getAsInt() / KvShape.ROUNDING_TOKENS,
              blocks -> wanted.withPool(blocks * KvShape.ROUNDING_TOKENS))
          .filter(blocks -> blocks * KvShape.ROUNDING_TOKENS >= wanted.contextTokens())
          .ifPresent(
              blocks ->
                  ways.add("falaj.runtime.kv.pool-tokens " + blocks * KvShape.ROUNDING_TOKENS));
    } else {
      largest(
              wanted.contextTokens() / KvShape.ROUNDING_TOKENS,
              blocks -> wanted.withContext(blocks * KvShape.ROUNDING_TOKENS))
          .ifPresent(
              blocks ->
                  ways.add("falaj.runtime.context-tokens " + blocks * KvShape.ROUNDING_TOKENS));
      largest(wanted.sequences(), wanted::withSequences)
          .ifPresent(count -> ways.add("falaj.runtime.max-sequences " + count));
    }
    if (eightBitsHelp(wanted)) {
      ways.add("falaj.runtime.kv.key-type and kv.value-type Q8_0");
    }
    return ways.isEmpty()
        ? "choose a smaller quantization, or a machine with more memory than the weights' %s"
            .formatted(MemoryPlan.megabytes(planner.plan(gpuLayers).bytes(Kind.WEIGHTS)))
        : "it would fit with " + String.join(", or ", ways);
  }

  /** The largest number from 1 on, at most {@code most}, whose shape fits. */
  private Optional<Integer> largest(int most, IntFunction<KvShape> shape) {
    int low = 0;
    int high = most;
    while (low < high) {
      int probe = low + (high - low + 1) / 2;
      if (fits(shape.apply(probe))) {
        low = probe;
      } else {
        high = probe - 1;
      }
    }
    return low == 0 ? Optional.empty() : Optional.of(low);
  }

  private boolean eightBitsHelp(KvShape wanted) {
    boolean wholeBlocks =
        planner.model().keyLength() % KvType.Q8_0.blockElements() == 0
            && planner.model().valueLength() % KvType.Q8_0.blockElements() == 0;
    return wholeBlocks && fits(wanted.withTypes(KvType.Q8_0, KvType.Q8_0));
  }

  private boolean fits(KvShape shape) {
    return planner.plan(shape, gpuLayers).hostBytes() <= availableBytes;
  }
}
