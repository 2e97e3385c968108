package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/** What a simulation knows of a sequence from the plans and results alone. */
final class SimulatedSequence {

  enum State {
    WAITING,
    RUNNING
  }

  static final long STEP_NANOS = 2_000_000;
  static final long PROMPT_TOKEN_NANOS = 500_000;

  /** As what a chunk may count that is one of few. */
  private static final long LONGEST_STEP_NANOS =
      STEP_NANOS + SimulatedLoad.MAX_BATCH_TOKENS * PROMPT_TOKEN_NANOS;

  private final SequenceRequest request;
  private final int lastNewToken;
  private final TokenList tokens;
  private State state = State.WAITING;
  private boolean cancelled;
  private boolean charged;
  private boolean admittedNow;
  private int slot;
  private int computedTokens;
  private int offeredDrafts;
  private int preemptions;
  private OptionalLong isolation = OptionalLong.empty();

  /**
   * @param random draws how many tokens it will generate
   */
  SimulatedSequence(SequenceRequest request, Random random) {
    this.request = request;
    this.lastNewToken = 1 + random.nextInt(request.maxNewTokens());
    this.tokens = new TokenList(request.promptTokens());
  }

  /** What a step takes; every prompt token takes the same time. */
  static long stepNanos(StepPlan plan) {
    long nanos = STEP_NANOS;
    for (SequenceWork work : plan.work()) {
      nanos += work.tokenCount() > 1 ? work.tokenCount() * PROMPT_TOKEN_NANOS : 0;
    }
    return nanos;
  }

  SequenceRequest request() {
    return request;
  }

  State state() {
    return state;
  }

  int slot() {
    return slot;
  }

  OptionalInt slotIfRunning() {
    return state == State.RUNNING ? OptionalInt.of(slot) : OptionalInt.empty();
  }

  TokenList tokens() {
    return tokens;
  }

  int[] copyOfTokens() {
    return Arrays.copyOf(tokens.array(), tokens.size());
  }

  int newTokens() {
    return tokens.size() - request.promptTokens().length;
  }

  int computedTokens() {
    return computedTokens;
  }

  int uncomputedTokens() {
    return tokens.size() - computedTokens;
  }

  /** Whether its newest token is all there is to compute, and was before this step. */
  boolean isDecoding() {
    return state == State.RUNNING && !admittedNow && newTokens() > 0 && uncomputedTokens() == 1;
  }

  int offeredDrafts() {
    return offeredDrafts;
  }

  int preemptions() {
    return preemptions;
  }

  int untilFinished() {
    return lastNewToken - newTokens();
  }

  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  boolean mustEnd(long nowMs) {
    return cancelled || request.isPastDeadline(nowMs);
  }

  /** Whether it would have no token before its deadline, at any speed that was ever measured. */
  boolean mayBeRefused(long nowMs) {
    double slowestNanos = LONGEST_STEP_NANOS + tokens.size() * (PROMPT_TOKEN_NANOS + STEP_NANOS);
    return state == State.WAITING
        && newTokens() == 0
        && request.deadlineMs().isPresent()
        && nowMs + slowestNanos / 1_000_000 >= request.deadlineMs().getAsLong();
  }

  /** Its tenant's budget was charged when it was first admitted. */
  boolean isCharged() {
    return charged;
  }

  /** A step is over that may have admitted it. */
  void beginStep() {
    admittedNow = false;
  }

  void admit(int newSlot, int cachedTokens) {
    admittedNow = true;
    state = State.RUNNING;
    slot = newSlot;
    computedTokens = cachedTokens;
    offeredDrafts = 0;
  }

  void charge() {
    charged = true;
  }

  void moveTo(int newSlot) {
    slot = newSlot;
  }

  void preempt() {
    restart();
    preemptions++;
  }

  /** The engine lost what it had computed. */
  void restart() {
    state = State.WAITING;
    computedTokens = 0;
  }

  void isolate(long number) {
    isolation = OptionalLong.of(number);
  }

  /** With whom it may share a step. */
  StepGroup group() {
    return new StepGroup(request.adapter(), isolation);
  }

  void computed(int count) {
    computedTokens += count;
  }

  StepResult.Outcome generated(int[] newTokens, int drafts) {
    tokens.append(newTokens, 0, newTokens.length);
    computedTokens += newTokens.length - 1;
    offeredDrafts = drafts;
    return new StepResult.Outcome(request.id(), newTokens, untilFinished() == 0, drafts);
  }

  @Override
  public String toString() {
    return "%d %s of %s, %d+%d tokens, %d computed, slot %d, priority %d, adapter %d%s"
        .formatted(
            request.id(),
            state,
            request.tenant(),
            request.promptTokens().length,
            newTokens(),
            computedTokens,
            slot,
            request.priority(),
            request.adapter(),
            cancelled ? ", cancelled" : "");
  }
}
