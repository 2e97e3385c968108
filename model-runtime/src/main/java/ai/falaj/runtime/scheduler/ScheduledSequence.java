package ai.falaj.runtime.scheduler;

/**
 * A sequence that holds a slot.
 *
 * <p>{@code PREFILLING} until all prompt tokens are computed, then {@code DECODING}, one token a
 * step. Confined to the scheduler's owner.
 */
final class ScheduledSequence {

  enum Phase {
    PREFILLING,
    DECODING
  }

  private final SequenceRequest request;
  private int slot;
  private int computedTokens;

  ScheduledSequence(SequenceRequest request, int slot) {
    this.request = request;
    this.slot = slot;
  }

  SequenceRequest request() {
    return request;
  }

  long id() {
    return request.id();
  }

  int slot() {
    return slot;
  }

  void moveTo(int newSlot) {
    slot = newSlot;
  }

  /** Tokens whose KV entries are in the slot. */
  int computedTokens() {
    return computedTokens;
  }

  int remainingPromptTokens() {
    return Math.max(0, request.promptTokens() - computedTokens);
  }

  Phase phase() {
    return remainingPromptTokens() > 0 ? Phase.PREFILLING : Phase.DECODING;
  }

  StepPlan.SequenceWork decodeWork() {
    return new StepPlan.SequenceWork(id(), slot, computedTokens, 1, true);
  }

  StepPlan.SequenceWork prefillWork(int tokenCount) {
    return new StepPlan.SequenceWork(
        id(), slot, computedTokens, tokenCount, tokenCount == remainingPromptTokens());
  }

  void computed(int tokenCount) {
    computedTokens += tokenCount;
  }
}
