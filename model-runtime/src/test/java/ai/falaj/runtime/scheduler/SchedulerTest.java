package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.scheduler.StepPlan.EndCause;
import ai.falaj.runtime.scheduler.StepPlan.Ended;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepResult.Outcome;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Which sequences are admitted and what of them is computed, step by step. */
class SchedulerTest extends SteppedScheduler {

  // Batches

  @Test
  void prefillsAPromptThenDecodesOneTokenAStep() {
    enqueue(1, 5);

    assertThat(step().work()).containsExactly(work(1, 0, 0, 5, true));
    assertThat(step().work()).containsExactly(work(1, 0, 5, 1, true));
    assertThat(step().work()).containsExactly(work(1, 0, 6, 1, true));
  }

  @Test
  void cutsALongPromptIntoChunksOfWhichOnlyTheLastSamples() {
    enqueue(1, 2 * BATCH + 3);

    assertThat(step().work()).containsExactly(work(1, 0, 0, BATCH, false));
    assertThat(step().work()).containsExactly(work(1, 0, BATCH, BATCH, false));
    assertThat(step().work()).containsExactly(work(1, 0, 2 * BATCH, 3, true));
    assertThat(step().work()).containsExactly(work(1, 0, 2 * BATCH + 3, 1, true));
  }

  @Test
  void aPromptOfExactlyTheBudgetSamplesAtOnce() {
    enqueue(1, BATCH);

    assertThat(step().work()).containsExactly(work(1, 0, 0, BATCH, true));
  }

  @Test
  void batchesPromptsUntilTheBudgetIsUsed() {
    enqueue(1, 10);
    enqueue(2, 10);
    enqueue(3, 10);

    StepPlan plan = step();
    assertThat(plan.work())
        .containsExactly(work(1, 0, 0, 10, true), work(2, 1, 0, BATCH - 10, false));
    assertThat(plan.tokens()).isEqualTo(BATCH);
  }

  @Test
  void decodesEveryRunningSequenceBesideABoundedChunkOfAPrompt() {
    decoding(1, 2, 3);
    enqueue(4, 20);

    assertThat(step().work())
        .containsExactly(
            work(1, 0, 2, 1, true),
            work(2, 1, 2, 1, true),
            work(3, 2, 2, 1, true),
            work(4, 3, 0, PREFILL_WHILE_DECODING, false));
  }

  @Test
  void leavesAPromptThatWouldBeCutBesideAnotherToTheNextStep() {
    decoding(1);
    enqueue(2, 4);
    enqueue(3, 4);

    assertThat(step().work()).containsExactly(work(1, 0, 2, 1, true), work(2, 1, 0, 4, true));
    assertThat(step().work()).last().isEqualTo(work(3, 2, 0, 4, true));
  }

  @Test
  void sharesTheBoundOfPromptTokensBetweenAllPromptsWhereSlotsShareTheirEntries() {
    scheduler = new Scheduler(config(SLOTS).sharedKv(SLOTS * CONTEXT).build());
    decoding(1);
    enqueue(2, 4);
    enqueue(3, 4);

    assertThat(step().work())
        .containsExactly(
            work(1, 0, 2, 1, true),
            work(2, 1, 0, 4, true),
            work(3, 2, 0, PREFILL_WHILE_DECODING - 4, false));
  }

  @Test
  void decodingTokensCountAgainstTheBatch() {
    scheduler =
        new Scheduler(config(4).maxBatchTokens(4).maxPrefillTokensWhileDecoding(100).build());
    for (long id = 1; id <= 3; id++) {
      enqueue(id, 1);
    }
    step();
    enqueue(4, 10);

    StepPlan plan = step();
    assertThat(plan.tokens()).isEqualTo(4);
    assertThat(plan.work()).last().isEqualTo(work(4, 3, 0, 1, false));
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

    assertThat(step().work()).contains(work(4, 1, 0, 1, true));
  }

  @Test
  void waitsForASlotWhenAllAreUsed() {
    decoding(1, 2, 3, 4);
    enqueue(5, 3);

    assertThat(step().work()).extracting(SequenceWork::sequenceId).containsExactly(1L, 2L, 3L, 4L);
    assertThat(scheduler.waitingCount()).isEqualTo(1);
    step(3L);
    assertThat(step().work()).contains(work(5, 2, 0, 3, true));
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
        .containsExactly(work(1, 0, BATCH, BATCH - 4, false), work(2, 1, 0, 4, true));
  }

  @Test
  void aPromptThatWasBegunComesBeforeAWaitingOneOfTheSamePriority() {
    enqueue(1, BATCH + 4);
    step();
    enqueue(2, 4);

    assertThat(step().work()).containsExactly(work(1, 0, BATCH, 4, true), work(2, 1, 0, 4, true));
  }

  @Test
  void goesOnWithWhatWasBegunWhenTheMostUrgentFindsNoSlot() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, 2 * BATCH);
    step();
    enqueue(2, 4);

    assertThat(step().work()).containsExactly(work(1, 0, BATCH, BATCH, true));
  }

  @Test
  void refusesASequenceThatMayOutgrowItsContext() {
    assertThatThrownBy(() -> scheduler.enqueue(SequenceRequest.of(7, prompt(7, CONTEXT), 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sequence 7 has 100 prompt tokens and may generate 1, but a context holds 100");
    scheduler.enqueue(SequenceRequest.of(8, prompt(8, CONTEXT - 1), 1));
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
    StepResult result = StepResult.of(List.of(Outcome.of(1, 5, false)), 0);

    assertThatThrownBy(() -> scheduler.apply(first, result))
        .isInstanceOf(IllegalArgumentException.class);
    StepPlan second = scheduler.plan(0);
    assertThatThrownBy(() -> scheduler.apply(first, result))
        .isInstanceOf(IllegalArgumentException.class);
    scheduler.apply(second, result);
    assertThat(scheduler.usedKvTokens()).isEqualTo(3);
  }

  @Test
  void refusesAResultThatDoesNotFitItsPlanAndStaysAsItWas() {
    enqueue(1, 2);
    StepPlan plan = scheduler.plan(0);

    assertRefused(plan, "sequence 1 has outcome null");
    assertRefused(plan, "not in", Outcome.of(1, 5, false), Outcome.of(2, 5, false));
    assertRefused(plan, "got 2 tokens", new Outcome(1, new int[] {5, 6}, false, 0));
    scheduler.apply(plan, StepResult.of(List.of(Outcome.of(1, 5, false)), 0));
    assertThat(step().work()).containsExactly(work(1, 0, 2, 1, true));
  }

  @Test
  void refusesAResultThatGoesOnAfterTheLastToken() {
    scheduler.enqueue(SequenceRequest.of(1, prompt(1, 2), 1));
    StepPlan plan = scheduler.plan(0);

    assertRefused(plan, "was not finished", Outcome.of(1, 5, false));
    scheduler.apply(plan, StepResult.of(List.of(Outcome.of(1, 5, true)), 0));
    assertThat(scheduler.hasWork()).isFalse();
  }

  @Test
  void refusesResultsAndRequestsThatContradictThemselves() {
    assertThatThrownBy(() -> new StepResult(List.of(Outcome.of(1, 5, false)), true, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> StepResult.of(List.of(Outcome.of(1, 5, false), Outcome.of(1, 6, false)), 0))
        .hasMessageContaining("two outcomes");
    assertThatThrownBy(() -> new Outcome(1, new int[0], false, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SequenceRequest.of(1, new int[0], 1))
        .hasMessageContaining("no prompt tokens");
    assertThatThrownBy(() -> SequenceRequest.of(1, new int[1], 0))
        .hasMessageContaining("maxNewTokens is 0");
  }

  private void assertRefused(StepPlan plan, String message, Outcome... outcomes) {
    assertThatThrownBy(() -> scheduler.apply(plan, StepResult.of(List.of(outcomes), 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
