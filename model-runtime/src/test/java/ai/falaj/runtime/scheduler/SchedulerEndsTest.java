package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
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
    enqueue(1, 2 * BATCH);
    step();
    enqueue(2, 3);
    scheduler.cancel(1);

    StepPlan plan = step();
    assertThat(plan.ended()).containsExactly(new Ended(1, EndCause.CANCELLED, OptionalInt.of(0)));
    assertThat(plan.work()).containsExactly(new SequenceWork(2, 0, 0, 3, true));
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
    scheduler.apply(plan, StepResult.finished(Set.of(1L)));
    enqueue(1, 2);

    assertThat(scheduler.plan(0).ended()).isEmpty();
  }

  @Test
  void endsSequencesWhoseDeadlineHasCome() {
    scheduler.enqueue(new SequenceRequest(1, 2, 0, OptionalLong.of(50)));
    scheduler.enqueue(new SequenceRequest(2, BATCH, 0, OptionalLong.of(50)));
    scheduler.enqueue(new SequenceRequest(3, 2, 0, OptionalLong.of(50)));
    scheduler.enqueue(new SequenceRequest(4, 2, 0, OptionalLong.of(51)));
    StepPlan first = scheduler.plan(49);
    assertThat(first.ended()).isEmpty();
    scheduler.apply(first, StepResult.finished(Set.of()));

    StepPlan second = scheduler.plan(50);
    assertThat(second.ended())
        .containsExactlyInAnyOrder(
            new Ended(1, EndCause.DEADLINE, OptionalInt.of(0)),
            new Ended(2, EndCause.DEADLINE, OptionalInt.of(1)),
            new Ended(3, EndCause.DEADLINE, OptionalInt.empty()));
    assertThat(second.work()).containsExactly(new SequenceWork(4, 0, 0, 2, true));
  }

  @Test
  void aCancelledSequenceWhoseDeadlineHasComeIsCancelled() {
    scheduler.enqueue(new SequenceRequest(1, 2, 0, OptionalLong.of(50)));
    scheduler.cancel(1);

    assertThat(scheduler.plan(50).ended())
        .containsExactly(new Ended(1, EndCause.CANCELLED, OptionalInt.empty()));
  }

  @Test
  void aFailedStepFreesAllItsSlots() {
    decoding(1, 2);
    enqueue(3, 20);
    scheduler.apply(scheduler.plan(0), StepResult.failure());

    assertThat(scheduler.runningCount()).isZero();
    assertThat(scheduler.usedKvTokens()).isZero();
    enqueue(4, 2);
    assertThat(step().work()).containsExactly(new SequenceWork(4, 0, 0, 2, true));
  }

  @Test
  void aFailedStepLeavesSequencesThatWereNotInIt() {
    enqueue(1, BATCH + 1, 0);
    step();
    enqueue(2, BATCH, 1);
    StepPlan plan = scheduler.plan(0);
    assertThat(onlyWork(plan).sequenceId()).isEqualTo(2);
    scheduler.apply(plan, StepResult.failure());

    assertThat(scheduler.runningCount()).isEqualTo(1);
    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, BATCH, 1, true));
  }
}
