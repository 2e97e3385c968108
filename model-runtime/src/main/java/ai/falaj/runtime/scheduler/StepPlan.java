package ai.falaj.runtime.scheduler;

import java.util.List;
import java.util.OptionalInt;

/**
 * One step of the engine.
 *
 * @param ended sequences that leave before the step; their slots are free already
 * @param moves KV slots to copy before the step, in order
 * @param work what to compute, in ascending order of slots; one entry per sequence
 */
public record StepPlan(List<Ended> ended, List<SlotMove> moves, List<SequenceWork> work) {

  public StepPlan {
    ended = List.copyOf(ended);
    moves = List.copyOf(moves);
    work = List.copyOf(work);
  }

  /** Whether there is nothing to compute. */
  public boolean isIdle() {
    return work.isEmpty();
  }

  /** Tokens that the engine computes in this step. */
  public int tokens() {
    return work.stream().mapToInt(SequenceWork::tokenCount).sum();
  }

  /**
   * Tokens of one sequence.
   *
   * @param position of the first token in the sequence; 0 means that the slot holds nothing of it
   *     yet
   * @param tokenCount how many tokens from there on
   * @param samples whether the last of them is the newest of the sequence, so that its logits
   *     choose the next token
   */
  public record SequenceWork(
      long sequenceId, int slot, int position, int tokenCount, boolean samples) {}

  /** A sequence continues in another slot; {@code fromSlot} is free afterwards. */
  public record SlotMove(long sequenceId, int fromSlot, int toSlot) {}

  /**
   * A sequence that ends without another step.
   *
   * @param slot that it held; empty if it was still waiting, in which case no step had work for it
   */
  public record Ended(long sequenceId, EndCause cause, OptionalInt slot) {}

  /** Why a sequence ended before the step. */
  public enum EndCause {
    CANCELLED,
    DEADLINE
  }
}
