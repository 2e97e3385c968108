package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.ScheduledSequence.Phase;
import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepPlan.SlotMove;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Iteration-level scheduler: every step it batches one token of each decoding sequence with chunks
 * of the prompts that are still to be prefilled, under a budget of tokens.
 *
 * <p>Sequences wait in order of priority, then arrival. A sequence is admitted when a KV slot is
 * free; admission never evicts. {@link #plan} and {@link #apply} alternate: a plan that computes
 * something must be applied before the next one is made. Confined to one thread, the owner of the
 * engine.
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
  private final SlotPool slots;
  private final PriorityQueue<Waiting> waiting =
      new PriorityQueue<>(
          Comparator.comparingInt((Waiting w) -> w.request.priority())
              .reversed()
              .thenComparingLong(w -> w.arrival));

  /** Sequences with a slot, oldest first. */
  private final Map<Long, ScheduledSequence> running = new LinkedHashMap<>();

  private final Set<Long> cancelled = new HashSet<>();
  private long arrivals;
  private int stepsWithGap;
  private boolean planOutstanding;

  private record Waiting(SequenceRequest request, long arrival) {}

  public Scheduler(SchedulerConfig config) {
    this.config = config;
    this.slots = new SlotPool(config.maxSequences());
  }

  /**
   * @throws IllegalArgumentException if the prompt leaves no room for a token in a slot
   */
  public void enqueue(SequenceRequest request) {
    if (request.promptTokens() >= config.contextTokensPerSequence()) {
      throw new IllegalArgumentException(
          "sequence %d has %d prompt tokens but a slot holds %d"
              .formatted(request.id(), request.promptTokens(), config.contextTokensPerSequence()));
    }
    waiting.add(new Waiting(request, arrivals++));
  }

  /** The next plan ends this sequence, if it has not ended by then. */
  public void cancel(long sequenceId) {
    cancelled.add(sequenceId);
  }

  public int waitingCount() {
    return waiting.size();
  }

  public int runningCount() {
    return running.size();
  }

  /** KV entries in use by all running sequences. */
  public long usedKvTokens() {
    return running.values().stream().mapToLong(ScheduledSequence::computedTokens).sum();
  }

  /** Whether a plan would compute or end anything. */
  public boolean hasWork() {
    return !running.isEmpty() || !waiting.isEmpty();
  }

  /**
   * Decides the next step.
   *
   * @param nowMs the clock that deadlines are measured on
   */
  public StepPlan plan(long nowMs) {
    if (planOutstanding) {
      throw new IllegalStateException("the last plan was not applied");
    }
    List<Ended> ended = endSequences(nowMs);
    admitWaiting();
    List<SlotMove> moves = closeGaps();
    List<SequenceWork> work = planWork();
    planOutstanding = !work.isEmpty();
    return new StepPlan(ended, moves, work);
  }

  /** Learns what came of the last plan. */
  public void apply(StepPlan plan, StepResult result) {
    planOutstanding = false;
    for (SequenceWork work : plan.work()) {
      ScheduledSequence sequence = running.get(work.sequenceId());
      if (sequence == null) {
        throw new IllegalStateException(
            "the plan names sequence " + work.sequenceId() + ", which does not run");
      }
      sequence.computed(work.tokenCount());
      if (result.failed() || result.finishedSequences().contains(work.sequenceId())) {
        leave(sequence);
      }
    }
  }

  private List<Ended> endSequences(long nowMs) {
    List<Ended> ended = new ArrayList<>();
    for (Iterator<Waiting> iterator = waiting.iterator(); iterator.hasNext(); ) {
      SequenceRequest request = iterator.next().request;
      EndCause cause = endCause(request, nowMs);
      if (cause != null) {
        iterator.remove();
        ended.add(new Ended(request.id(), cause, OptionalInt.empty()));
      }
    }
    for (ScheduledSequence sequence : List.copyOf(running.values())) {
      EndCause cause = endCause(sequence.request(), nowMs);
      if (cause != null) {
        leave(sequence);
        ended.add(new Ended(sequence.id(), cause, OptionalInt.of(sequence.slot())));
      }
    }
    cancelled.clear();
    return ended;
  }

  private EndCause endCause(SequenceRequest request, long nowMs) {
    if (cancelled.contains(request.id())) {
      return EndCause.CANCELLED;
    }
    return request.isPastDeadline(nowMs) ? EndCause.DEADLINE : null;
  }

  private void admitWaiting() {
    while (!waiting.isEmpty()) {
      OptionalInt slot = slots.allocate();
      if (slot.isEmpty()) {
        return;
      }
      SequenceRequest request = waiting.remove().request;
      running.put(request.id(), new ScheduledSequence(request, slot.getAsInt()));
    }
  }

  /**
   * Moves the sequence of the highest slot into the lowest gap, one per step, once gaps have
   * lasted.
   *
   * <p>After {@link #admitWaiting} a gap means that nobody waits, so only a later arrival would
   * fill it. A copy of one slot costs about as much as the extra pass over the weights that a gap
   * costs in every step (see {@link SlotPool}).
   */
  private List<SlotMove> closeGaps() {
    OptionalInt gap = slots.lowestGap();
    stepsWithGap = gap.isPresent() ? stepsWithGap + 1 : 0;
    if (stepsWithGap <= GAP_PATIENCE_STEPS) {
      return List.of();
    }
    int highest = slots.highestUsed();
    ScheduledSequence sequence =
        running.values().stream().filter(s -> s.slot() == highest).findFirst().orElseThrow();
    int target = slots.allocate().orElseThrow();
    slots.release(highest);
    sequence.moveTo(target);
    boolean holdsTokens = sequence.computedTokens() > 0;
    return holdsTokens ? List.of(new SlotMove(sequence.id(), highest, target)) : List.of();
  }

  private List<SequenceWork> planWork() {
    List<SequenceWork> work = new ArrayList<>(running.size());
    for (ScheduledSequence sequence : running.values()) {
      if (sequence.phase() == Phase.DECODING) {
        work.add(sequence.decodeWork());
      }
    }
    int budget = config.maxBatchTokens() - work.size();
    if (!work.isEmpty()) {
      budget = Math.min(budget, config.maxPrefillTokensWhileDecoding());
    }
    for (ScheduledSequence sequence : running.values()) {
      int tokenCount = Math.min(budget, sequence.remainingPromptTokens());
      if (tokenCount > 0) {
        work.add(sequence.prefillWork(tokenCount));
        budget -= tokenCount;
      }
    }
    work.sort(Comparator.comparingInt(SequenceWork::slot));
    return work;
  }

  private void leave(ScheduledSequence sequence) {
    running.remove(sequence.id());
    slots.release(sequence.slot());
  }
}
