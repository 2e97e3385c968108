package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Iteration-level scheduler: every step it batches one token of each decoding sequence with chunks
 * of the prompts that are still to be prefilled, under a budget of tokens.
 *
 * <p>Who is admitted next is {@link FairQueue}'s decision, where it is placed and what it finds
 * there already {@link KvSlots}'s, how much is computed {@link StepPlanner}'s. A sequence that has
 * no token yet and finds no slot takes that of the newest sequence of a lower priority; a step that
 * finds no KV entries takes those of the newest sequence. Both continue later from their tokens.
 *
 * <p>{@link #plan} and {@link #apply} alternate: a plan that computes something must be applied
 * before the next one is made. A call that breaks a rule throws and leaves the scheduler as it was.
 * A step costs the running sequences and the waiting tenants, however many sequences wait. Confined
 * to one thread, the owner of the engine.
 */
public final class Scheduler {

  /**
   * Steps that a gap between slots is endured before a sequence is moved into it. A gap costs about
   * as much per step as the move does once, and most gaps are filled by the next arrival: to wait
   * as long as the move would take never costs more than twice the best choice (the ski-rental
   * rule).
   */
  static final int GAP_PATIENCE_STEPS = 2;

  private final SchedulerConfig config;
  private KvSlots slots;
  private final FairQueue waiting;
  private final StepTimes times = new StepTimes();
  private StepPlanner planner;

  /** Sequences with a slot, oldest admission first. */
  private final Map<Long, ScheduledSequence> running = new LinkedHashMap<>();

  private final Set<Long> cancelled = new LinkedHashSet<>();
  private final GroupTurns turns = new GroupTurns();
  private long arrivals;
  private int stepsWithGap;
  private long preemptions;
  private long prefixHitTokens;
  private long prefixQueryTokens;

  /** The plan that is to be applied next, if the last one computes something. */
  private Optional<StepPlan> outstanding = Optional.empty();

  public Scheduler(SchedulerConfig config) {
    this.config = config;
    this.slots = new KvSlots(config);
    this.waiting = new FairQueue(config.tenants());
    this.planner = new StepPlanner(config, slots, waiting, running, times);
  }

  /**
   * @throws IllegalArgumentException if the prompt leaves no room for a token in a context, no
   *     window of the tenant's budget has room for the sequence, or a sequence of that id is here
   *     already
   */
  public void enqueue(SequenceRequest request) {
    int promptTokens = request.promptTokens().length;
    if (request.mostTokens() > config.contextTokensPerSequence()) {
      throw new IllegalArgumentException(
          "sequence %d has %d prompt tokens and may generate %d, but a context holds %d"
              .formatted(
                  request.id(),
                  promptTokens,
                  request.maxNewTokens(),
                  config.contextTokensPerSequence()));
    }
    if (waiting.contains(request.id()) || running.containsKey(request.id())) {
      throw new IllegalArgumentException("sequence " + request.id() + " is scheduled already");
    }
    budgetTooSmallFor(request)
        .ifPresent(
            budget -> {
              throw new IllegalArgumentException(
                  "sequence %d may take %d tokens, but its tenant has %s"
                      .formatted(request.id(), request.mostTokens(), budget));
            });
    waiting.add(new ScheduledSequence(request, arrivals++, latestStartMs(request)));
  }

  /** The budget of the sequence's tenant, if it is too small for it in any window. */
  public Optional<TokenBudget> budgetTooSmallFor(SequenceRequest request) {
    return waiting.budgetTooSmallFor(request);
  }

  /** The next plan ends this sequence, if it has not ended by then. */
  public void cancel(long sequenceId) {
    if (waiting.contains(sequenceId) || running.containsKey(sequenceId)) {
      cancelled.add(sequenceId);
    }
  }

  /**
   * From the next plan on, the sequence shares its steps only with those that are isolated with the
   * same number. Nothing if it is not here.
   */
  public void isolate(long sequenceId, long isolation) {
    Optional.ofNullable(running.get(sequenceId))
        .or(() -> waiting.find(sequenceId))
        .ifPresent(sequence -> sequence.isolate(isolation));
  }

  public int waitingCount() {
    return waiting.size();
  }

  public int runningCount() {
    return running.size();
  }

  /** KV entries in use by all running sequences; a shared one counts for each of them. */
  public long usedKvTokens() {
    return running.values().stream().mapToLong(ScheduledSequence::computedTokens).sum();
  }

  /** Sequences that lost their slot to another one, so far. */
  public long preemptions() {
    return preemptions;
  }

  /** Tokens of admitted sequences whose KV entries were there, so far. */
  public long prefixHitTokens() {
    return prefixHitTokens;
  }

  /** Tokens of admitted sequences, so far. */
  public long prefixQueryTokens() {
    return prefixQueryTokens;
  }

  /** Ids of the sequences with a slot. */
  public Set<Long> runningSequences() {
    return Set.copyOf(running.keySet());
  }

  /** Its slots, for checks. */
  KvSlots slots() {
    return slots;
  }

  /** Whether a plan would compute or end anything, now or later. */
  public boolean hasWork() {
    return !running.isEmpty() || !waiting.isEmpty();
  }

  /**
   * When an idle plan is worth making again without a call in between: a tenant's budget is renewed
   * then, or a deadline passes. Never ({@link Long#MAX_VALUE}) if nobody waits for either.
   */
  public long nextEventMs(long nowMs) {
    return Math.min(waiting.nextWindowMs(nowMs), waiting.earliestLatestStartMs());
  }

  /**
   * Decides the next step.
   *
   * @param nowMs the clock that deadlines and budgets are measured on
   * @throws IllegalStateException if the last plan was not applied
   */
  public StepPlan plan(long nowMs) {
    if (outstanding.isPresent()) {
      throw new IllegalStateException("the last plan was not applied");
    }
    List<Ended> ended = new ArrayList<>();
    endCancelled(ended);
    endExpired(nowMs, ended);
    closeGap();
    List<StepGroup> groups =
        turns.order(
            running.values(),
            waiting.next(nowMs, id -> false),
            waiting.mostUrgent(nowMs, id -> false));
    StepPlanner.Step step = planner.plan(groups, nowMs);
    turns.took(step.group());
    preemptions += step.preempted().size();
    for (StepPlan.Admitted admitted : step.admitted()) {
      prefixHitTokens += admitted.cachedTokens();
      prefixQueryTokens += running.get(admitted.sequenceId()).tokens().size();
    }
    StepPlan plan =
        new StepPlan(
            ended,
            step.admitted(),
            step.preempted(),
            step.work().isEmpty() ? List.of() : slots.takeOperations(),
            step.group().adapter(),
            step.work());
    outstanding = plan.isIdle() ? Optional.empty() : Optional.of(plan);
    return plan;
  }

  /**
   * Learns what came of the last plan.
   *
   * @throws IllegalArgumentException if the plan is not the one to be applied, or the result does
   *     not fit it
   */
  public void apply(StepPlan plan, StepResult result) {
    if (outstanding.isEmpty() || outstanding.get() != plan) {
      throw new IllegalArgumentException("the plan is not the one to be applied next: " + plan);
    }
    Map<Long, StepResult.Outcome> outcomes = new HashMap<>();
    result.outcomes().forEach(outcome -> outcomes.put(outcome.sequenceId(), outcome));
    if (!result.failed()) {
      requireFits(plan, outcomes);
    }
    outstanding = Optional.empty();
    times.measured(plan, result.durationNanos());
    if (result.failed()) {
      restartAll();
      return;
    }
    for (SequenceWork work : plan.work()) {
      ScheduledSequence sequence = running.get(work.sequenceId());
      learn(sequence, work, Optional.ofNullable(outcomes.get(work.sequenceId())));
    }
  }

  /** What is left in an engine that failed is unknown, so nothing of it is used again. */
  private void restartAll() {
    for (ScheduledSequence sequence : running.values()) {
      waiting.preempted(sequence);
      sequence.restart();
      waiting.add(sequence);
    }
    running.clear();
    slots = new KvSlots(config);
    planner = new StepPlanner(config, slots, waiting, running, times);
  }

  private void learn(
      ScheduledSequence sequence, SequenceWork work, Optional<StepResult.Outcome> outcome) {
    int from = sequence.computedTokens();
    sequence.computed(work.tokenCount());
    outcome.ifPresent(
        o -> {
          sequence.generated(o.newTokens(), o.offeredDrafts());
          waiting.generated(sequence, o.newTokens().length);
        });
    boolean prefilled = work.tokenCount() > 1 || sequence.newTokens() <= 1;
    slots.computed(
        sequence.slot(), sequence.tokens().array(), from, sequence.computedTokens(), prefilled);
    if (outcome.isPresent() && outcome.get().finished()) {
      running.remove(sequence.id());
      cancelled.remove(sequence.id());
      slots.release(sequence.slot());
      waiting.ended(sequence);
    }
  }

  private void requireFits(StepPlan plan, Map<Long, StepResult.Outcome> outcomes) {
    int sampling = 0;
    for (SequenceWork work : plan.work()) {
      StepResult.Outcome outcome = outcomes.get(work.sequenceId());
      if (work.samples() != (outcome != null)) {
        throw new IllegalArgumentException(
            "sequence %d has outcome %s for %s".formatted(work.sequenceId(), outcome, work));
      }
      if (outcome == null) {
        continue;
      }
      sampling++;
      ScheduledSequence sequence = running.get(work.sequenceId());
      int tokens = outcome.newTokens().length;
      boolean full = tokens == sequence.newTokensLeft();
      if (tokens > 1 + work.drafts() || tokens > sequence.newTokensLeft()) {
        throw new IllegalArgumentException(
            "sequence %d got %d tokens from %s and may have %d"
                .formatted(work.sequenceId(), tokens, work, sequence.newTokensLeft()));
      }
      if (full && !outcome.finished()) {
        throw new IllegalArgumentException(
            "sequence %d has all its %d tokens and was not finished"
                .formatted(work.sequenceId(), sequence.request().maxNewTokens()));
      }
    }
    if (sampling != outcomes.size()) {
      throw new IllegalArgumentException("outcomes of sequences that are not in " + plan);
    }
  }

  private long latestStartMs(SequenceRequest request) {
    if (request.deadlineMs().isEmpty()) {
      return Long.MAX_VALUE;
    }
    int[] prompt = request.promptTokens();
    int cached = slots.longestMatch(request.adapter(), prompt, prompt.length);
    return request.deadlineMs().getAsLong() - times.prefillMs(prompt.length - cached);
  }

  private void endCancelled(List<Ended> ended) {
    for (long id : cancelled) {
      ScheduledSequence sequence = running.remove(id);
      if (sequence != null) {
        ended.add(end(sequence, EndCause.CANCELLED));
      } else {
        waiting.remove(id).ifPresent(s -> ended.add(endWaiting(s, EndCause.CANCELLED)));
      }
    }
    cancelled.clear();
  }

  private void endExpired(long nowMs, List<Ended> ended) {
    for (ScheduledSequence sequence : waiting.removeExpired(nowMs)) {
      ended.add(endWaiting(sequence, EndCause.DEADLINE));
    }
    for (Iterator<ScheduledSequence> all = running.values().iterator(); all.hasNext(); ) {
      ScheduledSequence sequence = all.next();
      if (sequence.request().isPastDeadline(nowMs)) {
        all.remove();
        ended.add(end(sequence, EndCause.DEADLINE));
      }
    }
  }

  /** Frees the slot of a sequence that runs no longer. */
  private Ended end(ScheduledSequence sequence, EndCause cause) {
    slots.release(sequence.slot());
    waiting.ended(sequence);
    return new Ended(sequence.id(), cause, OptionalInt.of(sequence.slot()));
  }

  private Ended endWaiting(ScheduledSequence sequence, EndCause cause) {
    waiting.endedWaiting(sequence);
    return new Ended(sequence.id(), cause, OptionalInt.empty());
  }

  /**
   * Moves the sequence of the highest slot into the lowest gap, one per step, once gaps have
   * lasted.
   *
   * <p>A waiting sequence will fill a gap for nothing, so gaps count only while nobody waits. A
   * copy of one slot costs about as much as the extra pass over the weights that a gap costs in
   * every step (see {@link KvSlots}).
   */
  private void closeGap() {
    boolean gap = waiting.isEmpty() && slots.hasGap();
    stepsWithGap = gap ? stepsWithGap + 1 : 0;
    if (stepsWithGap <= GAP_PATIENCE_STEPS) {
      return;
    }
    int highest = slots.highestBusy();
    ScheduledSequence sequence =
        running.values().stream().filter(s -> s.slot() == highest).findFirst().orElseThrow();
    sequence.moveTo(slots.moveToLowestGap(highest));
    if (!slots.hasGap()) {
      stepsWithGap = 0;
    }
  }
}
