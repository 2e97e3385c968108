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

  int priority() {
    return request.priority();
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

  private int remainingPromptTokens() {
    return Math.max(0, request.promptTokens() - computedTokens);
  }

  Phase phase() {
    return remainingPromptTokens() > 0 ? Phase.PREFILLING : Phase.DECODING;
  }

  /** The newest token, which the last step chose. */
  StepPlan.SequenceWork decodeWork() {
    return new StepPlan.SequenceWork(id(), slot, computedTokens, 1, true);
  }

  /** The next chunk of the prompt, of {@code maxTokens} or what is left. */
  StepPlan.SequenceWork prefillWork(int maxTokens) {
    int tokenCount = Math.min(maxTokens, remainingPromptTokens());
    return new StepPlan.SequenceWork(
        id(), slot, computedTokens, tokenCount, tokenCount == remainingPromptTokens());
  }

  /** The engine computed a work of this sequence. */
  void computed(int tokenCount) {
    computedTokens += tokenCount;
  }
}
