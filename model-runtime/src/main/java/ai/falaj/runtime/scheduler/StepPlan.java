package ai.falaj.runtime.scheduler;

import java.util.List;
import java.util.OptionalInt;

/**
 * One step of the engine.
 *
 * @param ended sequences that leave before the step
 * @param admitted sequences that got a slot
 * @param preempted sequences that lost theirs and wait again; their tokens are kept
 * @param operations changes of KV entries to make before the step, in order; those of a plan that
 *     computes nothing are left to the next one that does
 * @param adapter number of the LoRA adapter that all work is computed with; 0 for none
 * @param work what to compute, in ascending order of slots; one entry per sequence
 */
public record StepPlan(
    List<Ended> ended,
    List<Admitted> admitted,
    List<Long> preempted,
    List<KvOperation> operations,
    int adapter,
    List<SequenceWork> work) {

  public StepPlan {
    ended = List.copyOf(ended);
    admitted = List.copyOf(admitted);
    preempted = List.copyOf(preempted);
    operations = List.copyOf(operations);
    work = List.copyOf(work);
  }

  /** Whether there is nothing to compute. */
  public boolean isIdle() {
    return work.isEmpty();
  }

  /** Tokens that the engine computes in this step, guesses included. */
  public int tokens() {
    return work.stream().mapToInt(SequenceWork::rows).sum();
  }

  /**
   * Tokens of one sequence.
   *
   * @param position of the first token in the sequence
   * @param tokenCount how many tokens that the sequence has, from there on
   * @param drafts how many of the guesses that were offered for it follow them
   * @param samples whether the last of the tokens is the newest of the sequence, so that its logits
   *     choose the next one
   */
  public record SequenceWork(
      long sequenceId, int slot, int position, int tokenCount, int drafts, boolean samples) {

    /** Tokens to compute. */
    public int rows() {
      return tokenCount + drafts;
    }
  }

  /**
   * A sequence that got a slot.
   *
   * @param cachedTokens its first tokens, whose KV entries were there already
   */
  public record Admitted(long sequenceId, int slot, int cachedTokens) {}

  /**
   * A sequence that ends without another step.
   *
   * @param slot that it held; empty if it was waiting
   */
  public record Ended(long sequenceId, EndCause cause, OptionalInt slot) {}

  /** Why a sequence ended before the step. */
  public enum EndCause {
    CANCELLED,
    /** Its deadline passed, or would before its first token. */
    DEADLINE
  }
}
