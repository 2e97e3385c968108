package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepResult.Outcome;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** How sequences end: cancelled, too late, with a failed step. */
class SchedulerEndsTest extends SteppedScheduler {

  @Test
  void cancelsAWaitingSequence() {
    decoding(1, 2, 3, 4);
    enqueue(5, 2);
    scheduler.cancel(5);

    assertThat(step().ended())
        .containsExactly(new Ended(5, EndCause.CANCELLED, OptionalInt.empty()));
    assertThat(scheduler.waitingCount()).isZero();
  }

  @Test
  void cancelsAPrefillingSequenceAndGivesItsSlotAwayInTheSameStep() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, 2 * BATCH);
    step();
    enqueue(2, 3);
    scheduler.cancel(1);

    StepPlan plan = step();
    assertThat(plan.ended()).containsExactly(new Ended(1, EndCause.CANCELLED, OptionalInt.of(0)));
    assertThat(plan.work()).containsExactly(work(2, 0, 0, 3, true));
  }

  @Test
  void cancelsADecodingSequence() {
    decoding(1, 2);
    scheduler.cancel(2);

    StepPlan plan = step();
    assertThat(plan.ended()).containsExactly(new Ended(2, EndCause.CANCELLED, OptionalInt.of(1)));
    assertThat(plan.work()).extracting(SequenceWork::sequenceId).containsExactly(1L);
    assertThat(scheduler.usedKvTokens()).isEqualTo(3);
  }

  @Test
  void cancelOfAnUnknownSequenceDoesNothing() {
    scheduler.cancel(9);
    enqueue(9, 2);

    StepPlan plan = step();
    assertThat(plan.ended()).isEmpty();
    assertThat(plan.work()).hasSize(1);
  }

  @Test
  void aSequenceEndsOnceThoughItIsCancelledTwice() {
    decoding(1);
    scheduler.cancel(1);
    scheduler.cancel(1);

    assertThat(step().ended()).hasSize(1);
    assertThat(step().ended()).isEmpty();
    enqueue(1, 2);
    assertThat(step().ended()).isEmpty();
  }

  @Test
  void cancelDuringTheStepThatFinishesASequenceDoesNothing() {
    decoding(1);
    StepPlan plan = scheduler.plan(0);
    scheduler.cancel(1);
    apply(plan, 0, List.of(1L));
    enqueue(1, 2);

    assertThat(scheduler.plan(0).ended()).isEmpty();
  }

  @Test
  void endsSequencesWhoseDeadlineHasCome() {
    enqueueWithDeadline(1, 2, 50);
    enqueueWithDeadline(2, BATCH, 50);
    enqueueWithDeadline(3, 2, 50);
    enqueueWithDeadline(4, 2, 51);
    StepPlan first = scheduler.plan(49);
    assertThat(first.ended()).isEmpty();
    apply(first, 0, List.of());

    StepPlan second = scheduler.plan(50);
    assertThat(second.ended())
        .containsExactlyInAnyOrder(
            new Ended(1, EndCause.DEADLINE, OptionalInt.of(0)),
            new Ended(2, EndCause.DEADLINE, OptionalInt.of(1)),
            new Ended(3, EndCause.DEADLINE, OptionalInt.empty()));
    assertThat(second.work()).containsExactly(work(4, 2, 0, 2, true));
  }

  @Test
  void aCancelledSequenceWhoseDeadlineHasComeIsCancelled() {
    enqueueWithDeadline(1, 2, 50);
    scheduler.cancel(1);

    assertThat(scheduler.plan(50).ended())
        .containsExactly(new Ended(1, EndCause.CANCELLED, OptionalInt.empty()));
  }

  @Test
  void refusesAWaitingSequenceOnceItsPromptTakesTooLong() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, BATCH);
    StepPlan plan = scheduler.plan(0);
    scheduler.apply(plan, StepResult.of(List.of(Outcome.of(1, 5, false)), BATCH * 10_000_000L));
    enqueueWithDeadline(2, 20, 1_200);

    StepPlan inTime = scheduler.plan(999);
    assertThat(inTime.ended()).isEmpty();
    apply(inTime, 0, List.of());
    assertThat(scheduler.plan(1_000).ended())
        .containsExactly(new Ended(2, EndCause.DEADLINE, OptionalInt.empty()));
  }

  @Test
  void whatIsCachedOfAPromptTakesNoTime() {
    scheduler = new Scheduler(config(1).build());
    int[] instruction = prompt(9, 30);
    scheduler.enqueue(SequenceRequest.of(1, promptAfter(instruction, 1, 2), 50));
    for (int step = 0; step < 2; step++) {
      apply(scheduler.plan(0), 0, List.of(), BATCH * 10_000_000L);
    }
    SequenceRequest cached =
        SequenceRequest.builder(2, promptAfter(instruction, 2, 20), 5)
            .deadlineMs(OptionalLong.of(1_200))
            .build();
    scheduler.enqueue(cached);

    StepPlan inTime = scheduler.plan(999);
    assertThat(inTime.ended()).isEmpty();
    apply(inTime, 0, List.of());
    assertThat(scheduler.plan(1_000).ended()).hasSize(1);
  }

  @Test
  void aPreemptedSequenceWithTokensWaitsUntilItsDeadline() {
    scheduler = new Scheduler(config(1).build());
    enqueueWithDeadline(1, BATCH, 1_000);
    StepPlan plan = scheduler.plan(0);
    scheduler.apply(plan, StepResult.of(List.of(Outcome.of(1, 5, false)), BATCH * 60_000_000L));
    enqueueWithDeadline(2, BATCH, 10_000);
    enqueue(3, 2, 7);
    StepPlan preempting = scheduler.plan(960);
    assertThat(preempting.preempted()).containsExactly(1L);
    apply(preempting, 0, List.of());

    StepPlan before = scheduler.plan(999);
    assertThat(before.ended()).isEmpty();
    apply(before, 0, List.of());
    assertThat(scheduler.plan(1_000).ended())
        .containsExactly(new Ended(1, EndCause.DEADLINE, OptionalInt.empty()));
  }

  @Test
  void aFailedStepStartsAllRunningSequencesOverAndForgetsWhatSlotsHeld() {
    enqueue(1, BATCH + 1, 0);
    step();
    enqueue(2, BATCH, 1);
    enqueue(3, 2, 0);
    StepPlan plan = scheduler.plan(0);
    assertThat(onlyWork(plan).sequenceId()).isEqualTo(2);
    scheduler.cancel(1);
    scheduler.apply(plan, StepResult.failure());

    assertThat(scheduler.runningCount()).isZero();
    assertThat(scheduler.waitingCount()).isEqualTo(3);
    assertThat(scheduler.usedKvTokens()).isZero();
    assertThat(scheduler.slots().freeTokens()).isEqualTo(SLOTS * CONTEXT);
    StepPlan next = step();
    assertThat(next.ended()).containsExactly(new Ended(1, EndCause.CANCELLED, OptionalInt.empty()));
    assertThat(onlyAdmitted(next).cachedTokens()).isZero();
    assertThat(next.work()).containsExactly(work(2, 0, 0, BATCH, true));
  }

  @Test
  void aSequenceThatLostItsKvToAFailureKeepsItsTokens() {
    decoding(1);
    step();

    scheduler.apply(scheduler.plan(0), StepResult.failure());

    StepPlan next = step();
    assertThat(next.work()).containsExactly(work(1, 0, 0, 4, true));
    assertThat(scheduler.preemptions()).isZero();
  }

  private void enqueueWithDeadline(long id, int promptTokens, long deadlineMs) {
    scheduler.enqueue(request(id, promptTokens).deadlineMs(OptionalLong.of(deadlineMs)).build());
  }
}
