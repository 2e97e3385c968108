package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.SlotPicture.Held;
import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * One random life of a scheduler: arrivals, cancellations, deadlines and engine failures on a
 * manual clock, all drawn from one seed.
 *
 * <p>Every plan is executed on a {@link SlotPicture} and held against the rules of {@link
 * Scheduler}.
 */
final class SchedulerSimulation {

  private static final int MAX_STEPS_TO_DRAIN = 5_000;

  /** What can happen in a life; the first four end a sequence. */
  enum Event {
    FINISHED,
    FAILED,
    CANCELLED,
    DEADLINE,
    CHUNKED,
    MOVED
  }

  /** A sequence that has not ended. */
  private static final class Live {
    final SequenceRequest request;
    final int maxNewTokens;
    int newTokens;
    boolean cancelled;

    Live(SequenceRequest request, int maxNewTokens) {
      this.request = request;
      this.maxNewTokens = maxNewTokens;
    }

    boolean isPrefilling(int positions) {
      return positions < request.promptTokens();
    }

    @Override
    public String toString() {
      return request + (cancelled ? ", cancelled" : "");
    }
  }

  private final Random random;
  private final SchedulerConfig config;
  private final Scheduler scheduler;
  private final SlotPicture slots;

  /** By id, which is the order of arrival too. */
  private final Map<Long, Live> live = new TreeMap<>();

  private final Map<Long, Event> ends = new HashMap<>();
  private final Set<Event> events = EnumSet.noneOf(Event.class);
  private final double failureRate;
  private long nowMs;
  private long arrived;
  private int stepsWithGap;

  SchedulerSimulation(long seed) {
    random = new Random(seed);
    int maxSequences = between(1, 8);
    config =
        new SchedulerConfig(
            maxSequences, between(2, 80), maxSequences + random.nextInt(40), between(1, 40));
    failureRate = random.nextInt(4) == 0 ? 0.05 : 0;
    scheduler = new Scheduler(config);
    slots = new SlotPicture(config);
  }

  /** Runs until as many sequences as this seed has are over, and returns what happened. */
  Set<Event> run() {
    int sequences = between(1, 40);
    int steps = 0;
    while (arrived < sequences || scheduler.hasWork()) {
      assertThat(steps++).as("steps until everything is drained").isLessThan(MAX_STEPS_TO_DRAIN);
      maybeArrive(sequences);
      maybeCancel();
      nowMs += random.nextInt(4);
      step();
    }
    assertThat(ends).hasSize(sequences);
    assertThat(live).isEmpty();
    assertThat(slots.usedSlots()).isZero();
    assertThat(scheduler.plan(nowMs).isIdle()).isTrue();
    return events;
  }

  private void maybeArrive(int sequences) {
    int burst = random.nextInt(4) == 0 ? random.nextInt(8) : 0;
    for (int count = 0; count < burst && arrived < sequences; count++) {
      int promptTokens = between(1, config.contextTokensPerSequence() - 1);
      int room = config.contextTokensPerSequence() - promptTokens;
      OptionalLong deadline =
          random.nextInt(4) == 0
              ? OptionalLong.of(nowMs + random.nextInt(60))
              : OptionalLong.empty();
      SequenceRequest request =
          new SequenceRequest(arrived++, promptTokens, between(-1, 1), deadline);
      live.put(request.id(), new Live(request, between(1, room)));
      scheduler.enqueue(request);
    }
  }

  /** Sequences that wait, run, ended, and some that never were. */
  private void maybeCancel() {
    if (random.nextInt(12) == 0) {
      long id = random.nextLong(arrived + 2);
      scheduler.cancel(id);
      if (live.containsKey(id)) {
        live.get(id).cancelled = true;
      }
    }
  }

  private void step() {
    StepPlan plan = scheduler.plan(nowMs);
    plan.ended().forEach(this::endEarly);
    assertThat(live.values())
        .as("cancelled or expired sequences that go on")
        .noneMatch(sequence -> sequence.cancelled || sequence.request.isPastDeadline(nowMs));
    move(plan);
    Map<Integer, Held> before = slots.held();
    compute(plan);
    checkBudget(plan, before);
    checkOrder(plan, before);
    if (!plan.isIdle()) {
      scheduler.apply(plan, result(plan));
    }
    checkCounts();
  }

  private void endEarly(Ended ended) {
    Live sequence = live.get(ended.sequenceId());
    assertThat(sequence).as("sequence of %s", ended).isNotNull();
    if (ended.cause() == EndCause.CANCELLED) {
      assertThat(sequence.cancelled).isTrue();
    } else {
      assertThat(sequence.request.isPastDeadline(nowMs)).isTrue();
    }
    assertThat(slots.slotOf(ended.sequenceId()).isPresent()).isEqualTo(ended.slot().isPresent());
    ended.slot().ifPresent(slot -> slots.release(ended.sequenceId(), slot));
    end(ended.sequenceId(), ended.cause() == EndCause.CANCELLED ? Event.CANCELLED : Event.DEADLINE);
  }

  private void move(StepPlan plan) {
    stepsWithGap = slots.hasGap() && live.size() == slots.usedSlots() ? stepsWithGap + 1 : 0;
    if (stepsWithGap <= Scheduler.GAP_PATIENCE_STEPS) {
      assertThat(plan.moves()).isEmpty();
      return;
    }
    assertThat(plan.moves()).hasSize(1);
    plan.moves()
        .forEach(
            move -> {
              assertThat(move.toSlot()).isLessThan(move.fromSlot());
              slots.move(move);
              events.add(Event.MOVED);
            });
    stepsWithGap = slots.hasGap() ? stepsWithGap : 0;
  }

  private void compute(StepPlan plan) {
    assertThat(plan.work()).extracting(SequenceWork::slot).doesNotHaveDuplicates().isSorted();
    for (SequenceWork work : plan.work()) {
      Live sequence = live.get(work.sequenceId());
      assertThat(sequence).as("sequence of %s", work).isNotNull();
      int end = work.position() + work.tokenCount();
      if (sequence.isPrefilling(work.position())) {
        assertThat(end).isLessThanOrEqualTo(sequence.request.promptTokens());
        assertThat(work.samples()).isEqualTo(end == sequence.request.promptTokens());
        if (!work.samples()) {
          events.add(Event.CHUNKED);
        }
      } else {
        assertThat(work.tokenCount()).isEqualTo(1);
        assertThat(work.samples()).isTrue();
      }
      slots.compute(work);
    }
  }

  /** Every decoding sequence has its token; prompts use all that is left, and no more. */
  private void checkBudget(StepPlan plan, Map<Integer, Held> before) {
    Set<Long> decoding = new HashSet<>();
    for (Held held : before.values()) {
      if (!live.get(held.sequenceId()).isPrefilling(held.positions())) {
        decoding.add(held.sequenceId());
      }
    }
    Set<Long> worked = new HashSet<>();
    plan.work().forEach(work -> worked.add(work.sequenceId()));
    assertThat(worked).containsAll(decoding);

    int prefillTokens = plan.tokens() - decoding.size();
    int budget = config.maxBatchTokens() - decoding.size();
    if (!decoding.isEmpty()) {
      budget = Math.min(budget, config.maxPrefillTokensWhileDecoding());
    }
    assertThat(prefillTokens).isLessThanOrEqualTo(budget);
    boolean slotFree = slots.usedSlots() < config.maxSequences();
    boolean promptLeft =
        slots.held().values().stream()
            .anyMatch(held -> live.get(held.sequenceId()).isPrefilling(held.positions()));
    boolean someoneWaits = live.size() > slots.usedSlots();
    if (promptLeft || someoneWaits && slotFree) {
      assertThat(prefillTokens).as("prompt tokens while more could be computed").isEqualTo(budget);
    }
  }

  /** Nobody's prompt is computed while someone more urgent could have had the tokens. */
  private void checkOrder(StepPlan plan, Map<Integer, Held> before) {
    List<Live> admitted = new ArrayList<>();
    int leastUrgent = Integer.MAX_VALUE;
    for (SequenceWork work : plan.work()) {
      Live sequence = live.get(work.sequenceId());
      if (sequence.isPrefilling(work.position())) {
        leastUrgent = Math.min(leastUrgent, sequence.request.priority());
      }
      if (work.position() == 0) {
        admitted.add(sequence);
      }
    }
    for (Live sequence : live.values()) {
      int positions =
          slots
              .slotOf(sequence.request.id())
              .map(slot -> slots.held().get(slot).positions())
              .orElse(0);
      if (positions > 0 && sequence.isPrefilling(positions)) {
        assertThat(sequence.request.priority()).isLessThanOrEqualTo(leastUrgent);
      }
      if (positions == 0) {
        assertThat(admitted).noneMatch(other -> comesBefore(sequence, other));
      }
    }
    checkLowestSlots(plan, before);
  }

  private static boolean comesBefore(Live one, Live other) {
    int byPriority = Integer.compare(one.request.priority(), other.request.priority());
    return byPriority > 0 || byPriority == 0 && one.request.id() < other.request.id();
  }

  private void checkLowestSlots(StepPlan plan, Map<Integer, Held> before) {
    int highestNew = -1;
    for (SequenceWork work : plan.work()) {
      if (!before.containsKey(work.slot())) {
        highestNew = Math.max(highestNew, work.slot());
      }
    }
    assertThat(slots.lowestFreeSlot()).as("lowest free slot").isGreaterThan(highestNew);
  }

  private StepResult result(StepPlan plan) {
    if (random.nextDouble() < failureRate) {
      plan.work().forEach(work -> leave(work, Event.FAILED));
      return StepResult.failure();
    }
    Set<Long> finished = new HashSet<>();
    for (SequenceWork work : plan.work()) {
      Live sequence = live.get(work.sequenceId());
      if (work.samples() && ++sequence.newTokens == sequence.maxNewTokens) {
        finished.add(work.sequenceId());
        leave(work, Event.FINISHED);
      }
    }
    return StepResult.finished(finished);
  }

  private void leave(SequenceWork work, Event end) {
    slots.release(work.sequenceId(), work.slot());
    end(work.sequenceId(), end);
  }

  private void end(long sequenceId, Event end) {
    assertThat(ends.put(sequenceId, end)).as("earlier end of %d", sequenceId).isNull();
    events.add(end);
    live.remove(sequenceId);
  }

  private void checkCounts() {
    assertThat(scheduler.runningCount()).isEqualTo(slots.usedSlots());
    assertThat(scheduler.waitingCount()).isEqualTo(live.size() - slots.usedSlots());
    assertThat(scheduler.usedKvTokens()).isEqualTo(slots.positions());
    assertThat(scheduler.hasWork()).isEqualTo(!live.isEmpty());
  }

  private int between(int lowest, int highest) {
    return lowest + random.nextInt(highest - lowest + 1);
  }
}
