package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.fail;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepPlan.SlotMove;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A KV cache as an engine sees it: which sequence each slot holds, and how many positions of it.
 *
 * <p>Knows nothing of the scheduler but its plans, and fails where one contradicts what the slots
 * hold.
 */
final class SlotPicture {

  /** What a slot holds. */
  record Held(long sequenceId, int positions) {}

  private final SchedulerConfig config;
  private final Map<Integer, Held> slots = new HashMap<>();

  SlotPicture(SchedulerConfig config) {
    this.config = config;
  }

  int usedSlots() {
    return slots.size();
  }

  long positions() {
    return slots.values().stream().mapToLong(Held::positions).sum();
  }

  boolean hasGap() {
    return slots.keySet().stream().anyMatch(slot -> slot >= slots.size());
  }

  int lowestFreeSlot() {
    int slot = 0;
    while (slots.containsKey(slot)) {
      slot++;
    }
    return slot;
  }

  Map<Integer, Held> held() {
    return Map.copyOf(slots);
  }

  /** The slot of a sequence that holds one. */
  Optional<Integer> slotOf(long sequenceId) {
    return slots.entrySet().stream()
        .filter(slot -> slot.getValue().sequenceId() == sequenceId)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  void release(long sequenceId, int slot) {
    Held held = slots.remove(slot);
    if (held == null || held.sequenceId() != sequenceId) {
      fail("sequence %d leaves slot %d, which holds %s", sequenceId, slot, held);
    }
  }

  void move(SlotMove move) {
    Held held = slots.remove(move.fromSlot());
    if (held == null || held.sequenceId() != move.sequenceId()) {
      fail("%s, but the slot holds %s", move, held);
    } else if (slots.containsKey(move.toSlot())) {
      fail("%s, but the slot holds %s", move, slots.get(move.toSlot()));
    } else if (held.positions() == 0) {
      fail("%s copies nothing", move);
    }
    slots.put(move.toSlot(), held);
  }

  void compute(SequenceWork work) {
    if (work.slot() < 0 || work.slot() >= config.maxSequences()) {
      fail("%s names a slot that is not there", work);
    }
    Held held = slots.get(work.slot());
    boolean fits =
        held == null
            ? work.position() == 0 && slotOf(work.sequenceId()).isEmpty()
            : work.sequenceId() == held.sequenceId() && work.position() == held.positions();
    int positions = work.position() + work.tokenCount();
    if (!fits || work.tokenCount() < 1 || positions > config.contextTokensPerSequence()) {
      fail("%s does not continue %s", work, held);
    }
    slots.put(work.slot(), new Held(work.sequenceId(), positions));
  }
}
