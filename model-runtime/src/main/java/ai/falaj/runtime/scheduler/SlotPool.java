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
      throw new IllegalStateException("slot " + slot + " is released but is free; used: " + used);
    }
    used.clear(slot);
  }

  /** Whether a slot below a used one is free. */
  boolean hasGap() {
    return used.nextClearBit(0) < used.length();
  }

  /** The highest used slot; only where there is one. */
  int highestUsed() {
    if (used.isEmpty()) {
      throw new IllegalStateException("no slot is used");
    }
    return used.length() - 1;
  }
}
