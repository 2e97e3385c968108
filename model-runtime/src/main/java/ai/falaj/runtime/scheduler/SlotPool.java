package ai.falaj.runtime.scheduler;

import java.util.BitSet;
import java.util.OptionalInt;

/**
 * The KV slots of a context: one sequence each.
 *
 * <p>Always gives out the lowest free slot. llama.cpp evaluates neighbouring slots in one graph and
 * starts another one after each gap, which reads all weights again: sequences that stay together
 * are cheaper. Confined to the scheduler's owner.
 */
final class SlotPool {

  private final BitSet used = new BitSet();
  private final int size;

  SlotPool(int size) {
    this.size = size;
  }

  /** The lowest free slot, or nothing when all are used. */
  OptionalInt allocate() {
    int slot = used.nextClearBit(0);
    if (slot >= size) {
      return OptionalInt.empty();
    }
    used.set(slot);
    return OptionalInt.of(slot);
  }

  void release(int slot) {
    if (!used.get(slot)) {
      throw new IllegalStateException("slot " + slot + " is released but was free; used: " + used);
    }
    used.clear(slot);
  }

  /** The lowest free slot below a used one, if there is such a gap. */
  OptionalInt lowestGap() {
    int slot = used.nextClearBit(0);
    return slot < used.length() ? OptionalInt.of(slot) : OptionalInt.empty();
  }

  /** The highest used slot; only where there is one. */
  int highestUsed() {
    return used.length() - 1;
  }

  int usedCount() {
    return used.cardinality();
  }
}
