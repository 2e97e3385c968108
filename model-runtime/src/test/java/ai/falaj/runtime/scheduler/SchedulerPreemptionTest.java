package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Who loses its slot to whom, and how it goes on. */
class SchedulerPreemptionTest extends SteppedScheduler {

  @Test
  void anUrgentRequestTakesTheSlotOfTheNewestOfTheLeastUrgent() {
    enqueue(1, 2, -1);
    enqueue(2, 2, -1);
    enqueue(3, 2, 0);
    enqueue(4, 2, 0);
    step();
    enqueue(5, 3, 1);

    StepPlan plan = step();
    assertThat(plan.preempted()).containsExactly(2L);
    assertThat(plan.work()).contains(work(5, 3, 0, 3, true));
    assertThat(scheduler.preemptions()).isEqualTo(1);
  }

  @Test
  void nobodyLosesItsSlotToAnEqual() {
    decoding(1, 2, 3, 4);
    enqueue(5, 3);

    assertThat(step().preempted()).isEmpty();
    assertThat(scheduler.waitingCount()).isEqualTo(1);
  }

  @Test
  void aPreemptedSequenceGoesOnFromItsTokens() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, 10);
    step();
    step();
    step(); // 10 prompt tokens and 3 new ones, of which 12 are computed
    enqueue(2, 20, 1);
    step();
    assertThat(scheduler.preemptions()).isEqualTo(1);
    step(2L);

    assertThat(step().work()).containsExactly(work(1, 0, 0, 13, true));
    assertThat(step().work()).containsExactly(work(1, 0, 13, 1, true));
  }

  @Test
  void aPreemptedSequenceFindsWhatItsSlotStillHolds() {
    decoding(1, 2, 3, 4);
    enqueue(5, 2, 1);
    assertThat(step().preempted()).containsExactly(4L);

    StepPlan plan = step(1L);
    assertThat(plan.admitted()).isEmpty();
    plan = step();
    assertThat(onlyAdmitted(plan).sequenceId()).isEqualTo(4);
  }

  @Test
  void aPromptThatWasBegunLosesItsSlotAndNothingOfItIsComputedInThatStep() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, 2 * BATCH);
    step();
    enqueue(2, 4, 9);

    StepPlan plan = step();
    assertThat(plan.preempted()).containsExactly(1L);
    assertThat(plan.work()).containsExactly(work(2, 0, 0, 4, true));
  }

  @Test
  void keepsItsSlotOnceItLostItThreeTimes() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, 2);
    step();
    for (long id = 2; id < 2 + StepPlanner.MAX_PREEMPTIONS_BY_PRIORITY; id++) {
      enqueue(id, 2, 1);
      assertThat(step().preempted()).containsExactly(1L);
      step(id);
      step();
    }
    enqueue(9, 2, 1);

    StepPlan plan = step();
    assertThat(plan.preempted()).isEmpty();
    assertThat(onlyWork(plan).sequenceId()).isEqualTo(1);
  }

  @Test
  void takesTheSlotOfTheNewestWhenThePoolIsFull() {
    scheduler = new Scheduler(config(SLOTS).sharedKv(CONTEXT).build());
    fillPool();
    List<Long> preempted = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      StepPlan plan = step();
      preempted.addAll(plan.preempted());
      long rows = plan.work().stream().mapToLong(SequenceWork::rows).sum();
      assertThat(rows).isPositive();
      assertThat(scheduler.usedKvTokens()).isLessThanOrEqualTo(CONTEXT);
    }

    assertThat(preempted).startsWith(3L).doesNotContain(1L);
  }

  @Test
  void aPoolOfOneContextServesAllSequencesToTheirEnds() {
    scheduler = new Scheduler(config(SLOTS).sharedKv(CONTEXT).build());
    fillPool();
    int steps = 0;
    while (scheduler.hasWork()) {
      StepPlan plan = scheduler.plan(0);
      List<StepResult.Outcome> outcomes = new ArrayList<>();
      for (SequenceWork work : plan.work()) {
        if (work.samples()) {
          boolean full = work.position() + work.tokenCount() == CONTEXT - 1;
          outcomes.add(StepResult.Outcome.of(work.sequenceId(), -steps, full));
        }
      }
      scheduler.apply(plan, StepResult.of(outcomes, 0));
      assertThat(steps++).isLessThan(400);
    }

    assertThat(scheduler.preemptions()).isPositive();
  }

  /** Three sequences that leave ten entries in a pool of a hundred. */
  private void fillPool() {
    for (long id = 1; id <= 3; id++) {
      enqueue(id, 30);
      step();
      step();
    }
    while (scheduler.waitingCount() > 0) {
      step();
    }
  }

  // A high-priority request in a full runtime

  @Test
  void anUrgentRequestHasItsFirstTokenWithinThreeStepsWhateverRunsAndWaits() {
    // Three steps of prompt tokens, the largest prompt that can be computed in them.
    int promptTokens = 3 * PREFILL_WHILE_DECODING;
    for (int turn = 0; turn < 3 * FairQueue.FAIR_TURN; turn++) {
      scheduler = new Scheduler(config(SLOTS).build());
      // So many admissions were made before, that every turn is met, the fair one too.
      for (long id = 1_000; id < 1_000 + turn; id++) {
        enqueue(id, 1);
        step(id);
      }
      LongStream.rangeClosed(1, 20).forEach(id -> enqueue(id, 10));
      for (int step = 0; step < 20; step++) {
        step();
      }
      assertThat(scheduler.runningCount()).isEqualTo(SLOTS);
      enqueue(100, promptTokens, 1);

      List<Boolean> samples = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        step().work().stream()
            .filter(work -> work.sequenceId() == 100)
            .forEach(work -> samples.add(work.samples()));
      }
      assertThat(samples).as("after %d admissions", turn).contains(true);
    }
  }

  @Test
  void anUrgentRequestPassesAFairTurnThatWaitsBehindABegunPrompt() {
    for (int admissions = 0; admissions < FairQueue.FAIR_TURN; admissions++) {
      scheduler = new Scheduler(config(SLOTS).build());
      for (long id = 1_000; id < 1_000 + admissions; id++) {
        enqueue(id, 1);
        step(id);
      }
      enqueue(1, 1);
      step();
      enqueue(2, 10 * PREFILL_WHILE_DECODING);
      enqueue(3, 10);
      step();
      enqueue(4, 2, 1);

      List<SequenceWork> work = new ArrayList<>(step().work());
      work.addAll(step().work());
      assertThat(work)
          .as("after %d admissions", admissions)
          .extracting(SequenceWork::sequenceId)
          .contains(4L);
    }
  }

  @Test
  void aBegunPromptIsReadyWhateverUrgentPromptsArrive() {
    enqueue(1, 2 * BATCH, 0);
    step();
    boolean ready = false;
    for (long id = 2; id < 2 + 3 * FairQueue.FAIR_TURN && !ready; id++) {
      enqueue(id, BATCH, 1);
      StepPlan plan = scheduler.plan(0);
      apply(plan, 0, LongStream.rangeClosed(2, id).boxed().toList());
      ready = plan.work().stream().anyMatch(work -> work.sequenceId() == 1 && work.samples());
    }

    assertThat(ready).isTrue();
  }
}
