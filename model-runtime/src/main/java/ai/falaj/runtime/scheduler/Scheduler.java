package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.ScheduledSequence.Phase;
import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepPlan.SlotMove;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
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
 * <p>Prompts are prefilled in order of priority, then arrival, whether they were begun already or
 * still wait. A waiting sequence is admitted when a KV slot is free and the step has tokens left
 * for it, so that it never holds a slot without having begun, where a more urgent one could still
 * come before it. Admission never evicts.
 *
 * <p>{@link #plan} and {@link #apply} alternate: a plan that computes something must be applied
 * before the next one is made. A call that breaks a rule throws and leaves the scheduler as it was.
 * A step costs the running sequences, however many wait. Confined to one thread, the owner of the
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
  private final WaitingQueue waiting = new WaitingQueue();

  /** Sequences with a slot, oldest admission first. */
  private final Map<Long, ScheduledSequence> running = new LinkedHashMap<>();

  private final Set<Long> cancelled = new LinkedHashSet<>();
  private int stepsWithGap;

  /** The plan that is to be applied next, if the last one computes something. */
  private Optional<StepPlan> outstanding = Optional.empty();

  public Scheduler(SchedulerConfig config) {
    this.config = config;
    this.slots = new SlotPool(config.maxSequences());
  }

  /**
   * @throws IllegalArgumentException if the prompt leaves no room for a token in a slot, or a
   *     sequence of that id is here already
   */
  public void enqueue(SequenceRequest request) {
    if (request.promptTokens() >= config.contextTokensPerSequence()) {
      throw new IllegalArgumentException(
          "sequence %d has %d prompt tokens but a slot holds %d"
              .formatted(request.id(), request.promptTokens(), config.contextTokensPerSequence()));
    }
    if (waiting.contains(request.id()) || running.containsKey(request.id())) {
      throw new IllegalArgumentException("sequence " + request.id() + " is scheduled already");
    }
    waiting.add(request);
  }

  /** The next plan ends this sequence, if it has not ended by then. */
  public void cancel(long sequenceId) {
    if (waiting.contains(sequenceId) || running.containsKey(sequenceId)) {
      cancelled.add(sequenceId);
    }
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
   * @throws IllegalStateException if the last plan was not applied, or its caller let a sequence
   *     outgrow its slot
   */
  public StepPlan plan(long nowMs) {
    if (outstanding.isPresent()) {
      throw new IllegalStateException("the last plan was not applied");
    }
    running.values().forEach(this::requireRoomInSlot);
    List<Ended> ended = new ArrayList<>();
    endCancelled(ended);
    endExpired(nowMs, ended);
    List<SlotMove> moves = closeGap();
    StepPlan plan = new StepPlan(ended, moves, planWork());
    outstanding = plan.isIdle() ? Optional.empty() : Optional.of(plan);
    return plan;
  }

  /**
   * Learns what came of the last plan.
   *
   * @throws IllegalArgumentException if the plan is not the one to be applied, or the result
   *     finishes a sequence that is not in it
   */
  public void apply(StepPlan plan, StepResult result) {
    if (outstanding.isEmpty() || outstanding.get() != plan) {
      throw new IllegalArgumentException("the plan is not the one to be applied next: " + plan);
    }
    for (long finished : result.finishedSequences()) {
      if (plan.work().stream().noneMatch(work -> work.sequenceId() == finished)) {
        throw new IllegalArgumentException(
            "sequence " + finished + " finished but is not in the plan: " + plan);
      }
    }
    outstanding = Optional.empty();
    for (SequenceWork work : plan.work()) {
      ScheduledSequence sequence = running.get(work.sequenceId());
      sequence.computed(work.tokenCount());
      if (result.failed() || result.finishedSequences().contains(work.sequenceId())) {
        running.remove(sequence.id());
        cancelled.remove(sequence.id());
        slots.release(sequence.slot());
      }
    }
  }

  /** An engine that writes past its slot takes the process with it, so it must not come to that. */
  private void requireRoomInSlot(ScheduledSequence sequence) {
    if (sequence.computedTokens() >= config.contextTokensPerSequence()) {
      throw new IllegalStateException(
          "sequence %d fills its slot of %d tokens and was not finished"
              .formatted(sequence.id(), config.contextTokensPerSequence()));
    }
  }

  private void endCancelled(List<Ended> ended) {
    for (long id : cancelled) {
      ScheduledSequence sequence = running.remove(id);
      if (sequence != null) {
        ended.add(end(sequence, EndCause.CANCELLED));
      } else if (waiting.remove(id)) {
        ended.add(new Ended(id, EndCause.CANCELLED, OptionalInt.empty()));
      }
    }
    cancelled.clear();
  }

  private void endExpired(long nowMs, List<Ended> ended) {
    for (SequenceRequest request : waiting.removeExpired(nowMs)) {
      ended.add(new Ended(request.id(), EndCause.DEADLINE, OptionalInt.empty()));
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
    return new Ended(sequence.id(), cause, OptionalInt.of(sequence.slot()));
  }

  /**
   * Moves the sequence of the highest slot into the lowest gap, one per step, once gaps have
   * lasted.
   *
   * <p>A waiting sequence will fill a gap for nothing, so gaps count only while nobody waits. A
   * copy of one slot costs about as much as the extra pass over the weights that a gap costs in
   * every step (see {@link SlotPool}).
   */
  private List<SlotMove> closeGap() {
    boolean gap = waiting.isEmpty() && slots.hasGap();
    stepsWithGap = gap ? stepsWithGap + 1 : 0;
    if (stepsWithGap <= GAP_PATIENCE_STEPS) {
      return List.of();
    }
    int highest = slots.highestUsed();
    ScheduledSequence sequence =
        running.values().stream().filter(s -> s.slot() == highest).findFirst().orElseThrow();
    int target = slots.allocate().orElseThrow();
    slots.release(highest);
    sequence.moveTo(target);
    if (!slots.hasGap()) {
      stepsWithGap = 0;
    }
    return List.of(new SlotMove(sequence.id(), highest, target));
  }

  private List<SequenceWork> planWork() {
    List<SequenceWork> work = new ArrayList<>(config.maxSequences());
    for (ScheduledSequence sequence : running.values()) {
      if (sequence.phase() == Phase.DECODING) {
        work.add(sequence.decodeWork());
      }
    }
    int budget = config.maxBatchTokens() - work.size();
    if (!work.isEmpty()) {
      budget = Math.min(budget, config.maxPrefillTokensWhileDecoding());
    }
    planPrefill(budget, work);
    work.sort(Comparator.comparingInt(SequenceWork::slot));
    return work;
  }

  private void planPrefill(int budget, List<SequenceWork> work) {
    Deque<ScheduledSequence> begun = begunPrompts();
    int left = budget;
    while (left > 0) {
      Optional<ScheduledSequence> next = nextToPrefill(begun);
      if (next.isEmpty()) {
        return;
      }
      SequenceWork chunk = next.get().prefillWork(left);
      work.add(chunk);
      left -= chunk.tokenCount();
    }
  }

  /** Running sequences whose prompt is not wholly computed, most urgent first. */
  private Deque<ScheduledSequence> begunPrompts() {
    List<ScheduledSequence> begun = new ArrayList<>();
    for (ScheduledSequence sequence : running.values()) {
      if (sequence.phase() == Phase.PREFILLING) {
        begun.add(sequence);
      }
    }
    begun.sort(Comparator.comparingInt(ScheduledSequence::priority).reversed());
    return new ArrayDeque<>(begun);
  }

  /** A prompt that was begun comes before a waiting one of the same priority. */
  private Optional<ScheduledSequence> nextToPrefill(Deque<ScheduledSequence> begun) {
    Optional<SequenceRequest> first = waiting.first();
    boolean waitingIsNext =
        first.isPresent() && (begun.isEmpty() || first.get().priority() > begun.peek().priority());
    Optional<ScheduledSequence> admitted =
        waitingIsNext ? maybeAdmit(first.get()) : Optional.empty();
    return admitted.isPresent() ? admitted : Optional.ofNullable(begun.poll());
  }

  private Optional<ScheduledSequence> maybeAdmit(SequenceRequest request) {
    OptionalInt slot = slots.allocate();
    if (slot.isEmpty()) {
      return Optional.empty();
    }
    waiting.remove(request.id());
    ScheduledSequence sequence = new ScheduledSequence(request, slot.getAsInt());
    running.put(request.id(), sequence);
    return Optional.of(sequence);
  }
}
