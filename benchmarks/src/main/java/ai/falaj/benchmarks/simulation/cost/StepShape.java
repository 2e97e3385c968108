package ai.falaj.benchmarks.simulation.cost;

import java.util.List;

/**
 * The sizes of one step: all that its duration depends on.
 *
 * @param work in ascending order of slots; one entry per sequence
 * @param copiedEntries KV entries that are copied between slots before the step
 */
public record StepShape(List<Work> work, long copiedEntries) {

  public static final StepShape IDLE = new StepShape(List.of(), 0);

  public StepShape {
    work = List.copyOf(work);
    if (copiedEntries < 0) {
      throw new IllegalArgumentException("a step copies " + copiedEntries + " KV entries");
    }
  }

  public boolean isIdle() {
    return work.isEmpty();
  }

  public int tokens() {
    return work.stream().mapToInt(Work::tokenCount).sum();
  }

  /** Sequences that choose a token at the end of the step. */
  public int samples() {
    return (int) work.stream().filter(Work::samples).count();
  }

  /**
   * Tokens of one sequence.
   *
   * @param position of the first token in the sequence
   * @param samples whether the last token's logits choose the next one
   */
  public record Work(long sequenceId, int slot, int position, int tokenCount, boolean samples) {

    public Work {
      if (slot < 0 || position < 0 || tokenCount < 1) {
        throw new IllegalArgumentException(
            "sequence %d has %d tokens from position %d in slot %d; a work has tokens, and no number is negative"
                .formatted(sequenceId, tokenCount, position, slot));
      }
    }

    /** KV entries of the sequence once these tokens are computed. */
    int contextTokens() {
      return position + tokenCount;
    }
  }
}
