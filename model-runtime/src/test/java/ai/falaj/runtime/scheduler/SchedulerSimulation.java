package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.fail;

import ai.falaj.runtime.scheduler.SimulatedSequence.State;
import ai.falaj.runtime.scheduler.StepPlan.Admitted;
import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * One random life of a scheduler: arrivals, cancellations, deadlines, guesses and engine failures
 * on a manual clock, all drawn from one seed.
 *
 * <p>Every plan is executed on a {@link KvPicture}, which holds actual tokens, and held against the
 * rules of {@link Scheduler}: what a slot holds is always the beginning of the sequence in it,
 * whatever was shared, copied, saved and restored for that.
 */
final class SchedulerSimulation {

  private static final int MAX_STEPS_TO_DRAIN = 20_000;

  /** What can happen in a life; the first four end a sequence. */
  enum Event {
    FINISHED,
    CANCELLED,
    DEADLINE,
    REFUSED_EARLY,
    FAILED,
    ISOLATED,
    CHUNKED,
    MOVED,
    PREEMPTED,
    RESUMED,
    KEPT_IN_PLACE,
    COPIED,
    SAVED,
    RESTORED,
    DROPPED,
    GUESSED,
    GUESSED_RIGHT,
    CHANGED_ADAPTER,
    WAITED_FOR_BUDGET
  }

  private final Random random;
  private final SimulatedLoad load;
  private final SchedulerConfig config;
  private final Scheduler scheduler;
  private final KvPicture kv;
  private final PlanRules rules;

  /** Those that have not ended, by id, which is the order of arrival too. */
  private final Map<Long, SimulatedSequence> live = new TreeMap<>();

  private final Map<Long, Event> ends = new HashMap<>();
  private final Set<Event> events = EnumSet.noneOf(Event.class);
  private final double failureRate;
  private final double cancelRate;
  private int arrived;
  private int lastAdapter;
  private long nowMs;

  SchedulerSimulation(long seed) {
    random = new Random(seed);
    load = new SimulatedLoad(random);
    config = load.config();
    failureRate = random.nextInt(4) == 0 ? 0.05 : 0;
    cancelRate = random.nextInt(2) == 0 ? 0.1 : 0;
    scheduler = new Scheduler(config);
    kv = new KvPicture(config, random.nextBoolean());
    rules = new PlanRules(config);
  }

  /** Runs until as many sequences as this seed has are over, and returns what happened. */
  Set<Event> run() {
    int sequences = 1 + random.nextInt(30);
    int steps = 0;
    while (arrived < sequences || scheduler.hasWork()) {
      require(steps++ < MAX_STEPS_TO_DRAIN, "not drained: %s", live);
      maybeArrive(sequences);
      maybeCancel();
      step();
    }
    require(ends.size() == sequences && live.isEmpty(), "ends %s, live %s", ends, live);
    requireNothingLeaks();
    return events;
  }

  private void maybeArrive(int sequences) {
    if (random.nextInt(4) == 0 && arrived < sequences) {
      int most = Math.min(1 + random.nextInt(8), sequences - arrived);
      for (SequenceRequest request : load.burst(most, nowMs)) {
        arrived++;
        if (scheduler.budgetTooSmallFor(request).isPresent()) {
          fail("the load fits its budgets: " + request);
        }
        live.put(request.id(), new SimulatedSequence(request, random));
        scheduler.enqueue(request);
      }
    }
  }

  /** Sequences that wait, run, ended, and some that never were. */
  private void maybeCancel() {
    if (random.nextDouble() < cancelRate) {
      long id = random.nextLong(arrived + 2);
      scheduler.cancel(id);
      if (live.containsKey(id)) {
        live.get(id).cancel();
      }
    }
  }

  private void step() {
    live.values().forEach(SimulatedSequence::beginStep);
    StepPlan plan = scheduler.plan(nowMs);
    plan.ended().forEach(this::endEarly);
    for (SimulatedSequence sequence : live.values()) {
      require(!sequence.mustEnd(nowMs), "goes on though it must end: %s", sequence);
    }
    execute(plan);
    plan.preempted().forEach(this::preempt);
    plan.admitted().forEach(this::admit);
    requireSlotsHoldTheirSequences();
    rules.check(plan, live, nowMs);
    if (plan.isIdle()) {
      rest();
    } else {
      compute(plan);
    }
    requireCounts();
  }

  private void endEarly(Ended ended) {
    SimulatedSequence sequence = live.get(ended.sequenceId());
    require(sequence != null, "not live: %s", ended);
    require(sequence.slotIfRunning().equals(ended.slot()), "%s but %s", ended, sequence);
    if (ended.cause() == EndCause.CANCELLED) {
      require(sequence.isCancelled(), "%s was not cancelled", sequence);
      end(sequence, Event.CANCELLED);
    } else if (sequence.request().isPastDeadline(nowMs)) {
      end(sequence, Event.DEADLINE);
    } else {
      require(sequence.mayBeRefused(nowMs), "%d: ended too early: %s", nowMs, sequence);
      end(sequence, Event.REFUSED_EARLY);
    }
  }

  private void execute(StepPlan plan) {
    boolean someoneWaits = live.values().stream().anyMatch(s -> s.state() == State.WAITING);
    for (KvOperation operation : plan.operations()) {
      kv.execute(operation);
      if (operation instanceof KvOperation.Copy copy) {
        if (!someoneWaits) {
          move(copy);
        }
        events.add(someoneWaits ? Event.COPIED : Event.MOVED);
      } else if (operation instanceof KvOperation.Save) {
        events.add(Event.SAVED);
      } else if (operation instanceof KvOperation.Restore) {
        events.add(Event.RESTORED);
      } else if (operation instanceof KvOperation.Drop) {
        events.add(Event.DROPPED);
      }
    }
    require(kv.savedTokens() <= config.storedPrefixTokens(), "saved: %d", kv.savedTokens());
    if (plan.isIdle()) {
      require(plan.operations().isEmpty(), "changes entries for nothing: %s", plan);
    } else {
      long free = config.kvTokens() - kv.usedEntries();
      require(scheduler.slots().freeTokens() == free, "%d entries are free, not as %s", free, plan);
    }
  }

  /** Where nobody waits nobody is placed, and a copy moves a sequence. */
  private void move(KvOperation.Copy copy) {
    SimulatedSequence sequence =
        live.values().stream()
            .filter(s -> s.state() == State.RUNNING && s.slot() == copy.fromSlot())
            .findFirst()
            .orElseThrow(() -> new AssertionError(copy + " of no sequence"));
    require(copy.toSlot() < copy.fromSlot(), "moves up: %s", copy);
    sequence.moveTo(copy.toSlot());
  }

  private void preempt(long id) {
    SimulatedSequence sequence = live.get(id);
    require(sequence != null && sequence.state() == State.RUNNING, "preempted: %s", sequence);
    sequence.preempt();
    require(
        config.sharedKv() || sequence.preemptions() <= StepPlanner.MAX_PREEMPTIONS_BY_PRIORITY,
        "preempted too often: %s",
        sequence);
    events.add(Event.PREEMPTED);
  }

  private void admit(Admitted admitted) {
    SimulatedSequence sequence = live.get(admitted.sequenceId());
    require(sequence != null && sequence.state() == State.WAITING, "%s: %s", admitted, sequence);
    sequence.admit(admitted.slot(), admitted.cachedTokens());
    rules.admitted(sequence, nowMs);
    if (sequence.preemptions() > 0) {
      events.add(Event.RESUMED);
    }
    if (admitted.cachedTokens() > 0) {
      require(config.prefixSharing(), "sharing is off: %s", admitted);
      events.add(Event.KEPT_IN_PLACE);
    }
  }

  private void requireSlotsHoldTheirSequences() {
    boolean[] used = new boolean[config.maxSequences()];
    for (SimulatedSequence sequence : live.values()) {
      if (sequence.state() == State.RUNNING) {
        require(!used[sequence.slot()], "two sequences in the slot of %s", sequence);
        used[sequence.slot()] = true;
        boolean holds =
            kv.holds(
                sequence.slot(),
                sequence.tokens(),
                sequence.computedTokens(),
                sequence.request().adapter());
        require(holds, "the slot holds something else than %s", sequence);
      }
    }
  }

  /** Only a budget makes the scheduler rest, until its next window or the next deadline. */
  private void rest() {
    long restedMs = nowMs + 1 + random.nextInt(3);
    if (!live.isEmpty()) {
      long wakeMs = scheduler.nextEventMs(nowMs);
      require(wakeMs > nowMs && wakeMs < Long.MAX_VALUE, "%d: wakes at %d", nowMs, wakeMs);
      events.add(Event.WAITED_FOR_BUDGET);
      restedMs = random.nextBoolean() ? Math.max(restedMs, wakeMs) : restedMs;
    }
    nowMs = restedMs;
  }

  private void compute(StepPlan plan) {
    if (plan.adapter() != lastAdapter) {
      lastAdapter = plan.adapter();
      events.add(Event.CHANGED_ADAPTER);
    }
    long rows = plan.work().stream().mapToLong(SequenceWork::rows).sum();
    require(kv.usedEntries() + rows <= config.kvTokens(), "no KV entries for all of %s", plan);
    for (SequenceWork work : plan.work()) {
      kv.compute(work, live.get(work.sequenceId()).tokens(), plan.adapter());
      if (!work.samples()) {
        events.add(Event.CHUNKED);
      }
    }
    long nanos = SimulatedSequence.stepNanos(plan);
    nowMs += 1 + nanos / 1_000_000;
    scheduler.apply(plan, random.nextDouble() < failureRate ? failure(plan) : result(plan, nanos));
  }

  /** All running sequences start over, those outside of the plan too; some are suspected. */
  private StepResult failure(StepPlan plan) {
    kv.clear();
    events.add(Event.FAILED);
    for (SimulatedSequence sequence : live.values()) {
      if (sequence.state() == State.RUNNING) {
        sequence.restart();
      }
    }
    for (SequenceWork work : plan.work()) {
      if (random.nextBoolean()) {
        long isolation = random.nextInt(3);
        live.get(work.sequenceId()).isolate(isolation);
        scheduler.isolate(work.sequenceId(), isolation);
        events.add(Event.ISOLATED);
      }
    }
    return StepResult.failure();
  }

  private StepResult result(StepPlan plan, long nanos) {
    List<StepResult.Outcome> outcomes = new ArrayList<>();
    for (SequenceWork work : plan.work()) {
      SimulatedSequence sequence = live.get(work.sequenceId());
      sequence.computed(work.tokenCount());
      if (work.samples()) {
        int right = random.nextInt(work.drafts() + 1);
        int[] newTokens = load.tokens(Math.min(1 + right, sequence.untilFinished()));
        kv.keepGuesses(work.slot(), newTokens, plan.adapter());
        outcomes.add(sequence.generated(newTokens, random.nextInt(6)));
        if (work.drafts() > 0) {
          events.add(newTokens.length > 1 ? Event.GUESSED_RIGHT : Event.GUESSED);
        }
        if (sequence.untilFinished() == 0) {
          load.remember(sequence.copyOfTokens());
          end(sequence, Event.FINISHED);
        }
      }
    }
    return StepResult.of(outcomes, nanos);
  }

  private void end(SimulatedSequence sequence, Event end) {
    Event earlier = ends.put(sequence.request().id(), end);
    require(earlier == null, "ended before by %s: %s", earlier, sequence);
    rules.ended(sequence);
    events.add(end);
    live.remove(sequence.request().id());
  }

  private void requireCounts() {
    int running = 0;
    long computed = 0;
    for (SimulatedSequence sequence : live.values()) {
      if (sequence.state() == State.RUNNING) {
        running++;
        computed += sequence.computedTokens();
      }
    }
    require(scheduler.runningCount() == running, "running: %d", scheduler.runningCount());
    require(
        scheduler.waitingCount() == live.size() - running, "waiting: %d", scheduler.waitingCount());
    require(scheduler.usedKvTokens() == computed, "in use: %d", scheduler.usedKvTokens());
    require(scheduler.hasWork() == !live.isEmpty(), "hasWork with live %s", live);
  }

  /** What idle slots hold goes when its room is needed; then only saved prefixes are left. */
  private void requireNothingLeaks() {
    KvSlots slots = scheduler.slots();
    StepPlan last = scheduler.plan(nowMs);
    require(last.isIdle(), "works for nobody: %s", last);
    slots.takeOperations().forEach(kv::execute);
    require(slots.busyCount() == 0, "busy: %d", slots.busyCount());
    while (slots.maybeEvict()) {
      slots.takeOperations().forEach(kv::execute);
    }
    require(kv.usedEntries() == 0, "slots hold %d entries", kv.usedEntries());
    require(slots.freeTokens() == config.kvTokens(), "only %d are free", slots.freeTokens());
    require(kv.hasSaved() || slots.prefixNodes() == 0, "nodes leak: %d", slots.prefixNodes());
  }

  static void require(boolean holds, String message, Object... arguments) {
    if (!holds) {
      fail(message.formatted(arguments));
    }
  }
}
