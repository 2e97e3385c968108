package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which sequences are admitted and what of them is computed, step by step. */
class SchedulerTest extends SteppedScheduler {

  // Batches

  @Test
  void prefillsAPromptThenDecodesOneTokenAStep() {
    enqueue(1, 5);

    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 0, 5, true));
    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 5, 1, true));
    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 6, 1, true));
  }

  @Test
  void cutsALongPromptIntoChunksOfWhichOnlyTheLastSamples() {
    enqueue(1, 2 * BATCH + 3);

    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 0, BATCH, false));
    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, BATCH, BATCH, false));
    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 2 * BATCH, 3, true));
    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 2 * BATCH + 3, 1, true));
  }

  @Test
  void aPromptOfExactlyTheBudgetSamplesAtOnce() {
    enqueue(1, BATCH);

    assertThat(step().work()).containsExactly(new SequenceWork(1, 0, 0, BATCH, true));
  }

  @Test
  void batchesPromptsUntilTheBudgetIsUsed() {
    enqueue(1, 10);
    enqueue(2, 10);
    enqueue(3, 10);

    StepPlan plan = step();
    assertThat(plan.work())
        .containsExactly(
            new SequenceWork(1, 0, 0, 10, true), new SequenceWork(2, 1, 0, BATCH - 10, false));
    assertThat(plan.tokens()).isEqualTo(BATCH);
  }

  @Test
  void decodesEveryRunningSequenceBesideABoundedChunkOfAPrompt() {
    decoding(1, 2, 3);
    enqueue(4, 20);

    assertThat(step().work())
        .containsExactly(
            new SequenceWork(1, 0, 2, 1, true),
            new SequenceWork(2, 1, 2, 1, true),
            new SequenceWork(3, 2, 2, 1, true),
            new SequenceWork(4, 3, 0, PREFILL_WHILE_DECODING, false));
  }

  @Test
  void sharesTheBoundOfPromptTokensBetweenAllPromptsOfAStepThatDecodes() {
    decoding(1);
    enqueue(2, 4);
    enqueue(3, 4);

    assertThat(step().work())
        .containsExactly(
            new SequenceWork(1, 0, 2, 1, true),
            new SequenceWork(2, 1, 0, 4, true),
            new SequenceWork(3, 2, 0, PREFILL_WHILE_DECODING - 4, false));
  }

  @Test
  void decodingTokensCountAgainstTheBatch() {
    Scheduler tight = new Scheduler(new SchedulerConfig(4, CONTEXT, 4, 100));
    for (long id = 1; id <= 3; id++) {
      tight.enqueue(request(id, 1, 0));
    }
    tight.apply(tight.plan(0), StepResult.finished(Set.of()));
    tight.enqueue(request(4, 10, 0));

    StepPlan plan = tight.plan(0);
    assertThat(plan.tokens()).isEqualTo(4);
    assertThat(plan.work()).last().isEqualTo(new SequenceWork(4, 3, 0, 1, false));
  }

  @Test
  void anIdlePlanNeedsNotToBeApplied() {
    assertThat(scheduler.hasWork()).isFalse();
    assertThat(scheduler.plan(0).isIdle()).isTrue();
    assertThat(scheduler.plan(0).isIdle()).isTrue();
  }

  // Admission

  @Test
  void admitsByPriorityThenArrival() {
    enqueue(1, BATCH, 0);
    enqueue(2, BATCH, 7);
    enqueue(3, BATCH, 7);

    assertThat(onlyWork(step(2L)).sequenceId()).isEqualTo(2);
    assertThat(onlyWork(step(3L)).sequenceId()).isEqualTo(3);
    assertThat(onlyWork(step(1L)).sequenceId()).isEqualTo(1);
  }

  @Test
  void givesOutTheLowestFreeSlot() {
    decoding(1, 2, 3);
    step(2L);
    enqueue(4, 1);

    assertThat(step().work()).contains(new SequenceWork(4, 1, 0, 1, true));
  }

  @Test
  void waitsForASlotWhenAllAreUsed() {
    decoding(1, 2, 3, 4);
    enqueue(5, 3);

    assertThat(step().work()).extracting(SequenceWork::sequenceId).containsExactly(1L, 2L, 3L, 4L);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
    step(3L);
    assertThat(step().work()).contains(new SequenceWork(5, 2, 0, 3, true));
  }

  @Test
  void admitsNobodyWhomTheStepHasNoTokensLeftFor() {
    enqueue(1, BATCH);
    enqueue(2, 1);

    step();
    assertThat(scheduler.runningCount()).isEqualTo(1);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
    scheduler.cancel(2);
    assertThat(scheduler.plan(0).ended())
        .containsExactly(new Ended(2, EndCause.CANCELLED, OptionalInt.empty()));
  }

  @Test
  void aMoreUrgentPromptComesBeforeTheRestOfOneThatWasBegun() {
    enqueue(1, 3 * BATCH, 0);
    step();
    enqueue(2, 4, 1);

    assertThat(step().work())
        .containsExactly(
            new SequenceWork(1, 0, BATCH, BATCH - 4, false), new SequenceWork(2, 1, 0, 4, true));
  }

  @Test
  void aPromptThatWasBegunComesBeforeAWaitingOneOfTheSamePriority() {
    enqueue(1, BATCH + 4);
    step();
    enqueue(2, 4);

    assertThat(step().work())
        .containsExactly(
            new SequenceWork(1, 0, BATCH, 4, true), new SequenceWork(2, 1, 0, 4, true));
  }

  @Test
  void goesOnWithWhatWasBegunWhenTheMostUrgentFindsNoSlot() {
    Scheduler single = new Scheduler(new SchedulerConfig(1, CONTEXT, BATCH, BATCH));
    single.enqueue(request(1, 2 * BATCH, 0));
    single.apply(single.plan(0), StepResult.finished(Set.of()));
    single.enqueue(request(2, 4, 9));

    assertThat(single.plan(0).work()).containsExactly(new SequenceWork(1, 0, BATCH, BATCH, true));
  }

  @Test
  void refusesAPromptThatLeavesNoRoomInASlot() {
    assertThatThrownBy(() -> enqueue(7, CONTEXT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequence 7 has 100 prompt tokens but a slot holds 100");
    enqueue(8, CONTEXT - 1);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
  }

  @Test
  void refusesASequenceThatIsScheduledAlready() {
    enqueue(1, 2);
    assertThatThrownBy(() -> enqueue(1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequence 1");
    step();
    assertThatThrownBy(() -> enqueue(1, 2)).isInstanceOf(IllegalArgumentException.class);
    step(1L);
    enqueue(1, 2);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
  }

  // Broken rules

  @Test
  void refusesASecondPlanBeforeTheFirstWasApplied() {
    enqueue(1, 2);
    scheduler.plan(0);

    assertThatThrownBy(() -> scheduler.plan(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not applied");
  }

  @Test
  void refusesAPlanThatIsNotTheOneToBeApplied() {
    enqueue(1, 2);
    StepPlan first = step();
    StepResult nothing = StepResult.finished(Set.of());

    assertThatThrownBy(() -> scheduler.apply(first, nothing))
        .isInstanceOf(IllegalArgumentException.class);
    StepPlan second = scheduler.plan(0);
    assertThatThrownBy(() -> scheduler.apply(first, nothing))
        .isInstanceOf(IllegalArgumentException.class);
    scheduler.apply(second, nothing);
    assertThat(scheduler.usedKvTokens()).isEqualTo(3);
  }

  @Test
  void refusesAResultThatFinishesASequenceOutsideThePlan() {
    enqueue(1, 2);
    StepPlan plan = scheduler.plan(0);

    assertThatThrownBy(() -> scheduler.apply(plan, StepResult.finished(Set.of(2L))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequence 2");
  }

  @Test
  void refusesToPlanPastTheEndOfASlot() {
    Scheduler small = new Scheduler(new SchedulerConfig(1, 3, BATCH, BATCH));
    small.enqueue(request(1, 2, 0));
    for (int step = 0; step < 2; step++) {
      small.apply(small.plan(0), StepResult.finished(Set.of()));
    }

    assertThatThrownBy(() -> small.plan(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("sequence 1 fills its slot of 3 tokens and was not finished");
  }

  @Test
  void refusesResultsAndSizesThatContradictThemselves() {
    assertThatThrownBy(() -> new StepResult(Set.of(1L), true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> request(1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SchedulerConfig(0, 1, 1, 1))
        .hasMessageContaining("maxSequences is 0");
    assertThatThrownBy(() -> new SchedulerConfig(1, 0, 1, 1))
        .hasMessageContaining("contextTokensPerSequence is 0");
    assertThatThrownBy(() -> new SchedulerConfig(1, 1, 1, 0))
        .hasMessageContaining("maxPrefillTokensWhileDecoding is 0");
    assertThatThrownBy(() -> new SchedulerConfig(5, 1, 4, 1))
        .hasMessageContaining("maxBatchTokens is 4 and maxSequences 5");
  }
}
