package ai.falaj.runtime.scheduler;

import java.util.OptionalLong;

/**
 * A sequence in the scheduler.
 *
 * <p>{@code WAITING} until it gets a slot; {@code PREFILLING} until all tokens that it has are
 * computed; {@code DECODING}, one token a step and perhaps some guesses. Preemption takes it back
 * to {@code WAITING} with the tokens it has by then. Confined to the scheduler's owner.
 */
final class ScheduledSequence {

  enum Phase {
    WAITING,
    PREFILLING,
    DECODING
  }

  private final SequenceRequest request;
  private final long arrival;
  private final long latestStartMs;
  private final TokenList tokens;
  private StepGroup group;
  private int slot = -1;
  private long admission;
  private int computedTokens;
  private int offeredDrafts;
  private int preemptions;
  private boolean charged;
  private int expectedTokensLeft;
  private long budgetWindow;

  /**
   * @param arrival order of arrival
   * @param latestStartMs when it must be begun to have a token before its deadline
   */
  ScheduledSequence(SequenceRequest request, long arrival, long latestStartMs) {
    this.request = request;
    this.arrival = arrival;
    this.latestStartMs = latestStartMs;
    this.tokens = new TokenList(request.promptTokens());
    this.group = new StepGroup(request.adapter(), request.isolation());
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

  /** With whom it shares its steps. */
  StepGroup group() {
    return group;
  }

  void isolate(long isolation) {
    group = new StepGroup(request.adapter(), OptionalLong.of(isolation));
  }

  long arrival() {
    return arrival;
  }

  /**
   * When it must have a slot, to have a token before its deadline. One that lost its slot and has
   * tokens may come back until the deadline itself.
   */
  long latestStartMs() {
    return newTokens() > 0 ? request.deadlineMs().orElse(Long.MAX_VALUE) : latestStartMs;
  }

  TokenList tokens() {
    return tokens;
  }

  /** Tokens that were generated. */
  int newTokens() {
    return tokens.size() - request.promptTokens().length;
  }

  Phase phase() {
    if (slot < 0) {
      return Phase.WAITING;
    }
    return newTokens() > 0 && uncomputedTokens() == 1 ? Phase.DECODING : Phase.PREFILLING;
  }

  /** Its slot; only while it has one. */
  int slot() {
    if (slot < 0) {
      throw new IllegalStateException("sequence " + id() + " has no slot");
    }
    return slot;
  }

  /** Order of admission; higher is newer. */
  long admission() {
    return admission;
  }

  int preemptions() {
    return preemptions;
  }

  /** Tokens whose KV entries are in the slot. */
  int computedTokens() {
    return computedTokens;
  }

  int uncomputedTokens() {
    return tokens.size() - computedTokens;
  }

  int offeredDrafts() {
    return offeredDrafts;
  }

  /** Tokens that may still be generated. */
  int newTokensLeft() {
    return request.maxNewTokens() - newTokens();
  }

  void admit(int newSlot, int cachedTokens, long newAdmission) {
    slot = newSlot;
    computedTokens = cachedTokens;
    admission = newAdmission;
    offeredDrafts = 0;
  }

  void moveTo(int newSlot) {
    slot = newSlot;
  }

  void preempt() {
    restart();
    preemptions++;
  }

  /** It has lost its slot by no decision, and begins again with the tokens that it has. */
  void restart() {
    slot = -1;
    computedTokens = 0;
  }

  /** Its newest token and guesses that follow it. */
  StepPlan.SequenceWork decodeWork(int drafts) {
    return new StepPlan.SequenceWork(id(), slot(), computedTokens, 1, drafts, true);
  }

  /** The next tokens to prefill: {@code maxTokens} or what is left. */
  StepPlan.SequenceWork prefillWork(int maxTokens) {
    int count = Math.min(maxTokens, uncomputedTokens());
    return new StepPlan.SequenceWork(
        id(), slot(), computedTokens, count, 0, count == uncomputedTokens());
  }

  void computed(int count) {
    computedTokens += count;
  }

  /** New tokens; all but the last were guessed right, and are computed. */
  void generated(int[] newTokens, int drafts) {
    tokens.append(newTokens, 0, newTokens.length);
    computedTokens += newTokens.length - 1;
    offeredDrafts = drafts;
  }

  boolean isCharged() {
    return charged;
  }

  /** Its tenant was charged in advance. */
  void charged(int expectedTokens, long window) {
    charged = true;
    expectedTokensLeft = expectedTokens;
    budgetWindow = window;
  }

  /** Uses up what was charged in advance, and returns what goes beyond. */
  int useExpectedTokens(int count) {
    int covered = Math.min(count, expectedTokensLeft);
    expectedTokensLeft -= covered;
    return count - covered;
  }

  int unusedExpectedTokens() {
    return expectedTokensLeft;
  }

  long budgetWindow() {
    return budgetWindow;
  }

  /** Tokens of its tenant's budget that were set aside and not used. */
  int unusedReservation() {
    return newTokensLeft();
  }
}
