package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much a step computes, by measured times, by guesses and by tenants' budgets. */
class SchedulerBudgetTest extends SteppedScheduler {

  private static final long MS = 1_000_000;

  // Adaptive prefill

  @Test
  void aStepThatPrefillsTakesAtMostThePrefillStretch() {
    adaptive(3);
    enqueue(1, 10);
    apply(scheduler.plan(0), 0, List.of(), 10 * MS); // 1 ms per prompt token
    apply(scheduler.plan(0), 0, List.of(), 20 * MS); // 20 ms per step that decodes
    enqueue(2, 90);

    // Twice 20 ms on top are 40 tokens.
    assertThat(scheduler.plan(0).work())
        .extracting(SequenceWork::tokenCount)
        .containsExactly(1, 40);
  }

  @Test
  void aSlowMachineStillComputesTheSmallestChunk() {
    adaptive(1);
    enqueue(1, 10);
    apply(scheduler.plan(0), 0, List.of(), 1_000 * MS);
    apply(scheduler.plan(0), 0, List.of(), 2 * MS);
    enqueue(2, 90);

    assertThat(scheduler.plan(0).work())
        .extracting(SequenceWork::tokenCount)
        .containsExactly(1, SchedulerConfig.MIN_CHUNK_TOKENS);
  }

  @Test
  void aPromptMoreUrgentThanAllThatDecodeNeedNotSpareThem() {
    adaptive(1);
    enqueue(1, 10);
    apply(scheduler.plan(0), 0, List.of(), 10 * MS);
    apply(scheduler.plan(0), 0, List.of(), 20 * MS);
    enqueue(2, 90, 1);

    assertThat(scheduler.plan(0).work())
        .extracting(SequenceWork::tokenCount)
        .containsExactly(1, 64);
  }

  @Test
  void nothingIsSparedWhileSpeedIsUnknown() {
    adaptive(1);
    enqueue(1, 10);
    step();
    enqueue(2, 90);

    assertThat(step().work()).extracting(SequenceWork::tokenCount).containsExactly(1, 64);
  }

  private void adaptive(double stretch) {
    scheduler =
        new Scheduler(
            config(SLOTS)
                .maxBatchTokens(200)
                .maxPrefillTokensWhileDecoding(64)
                .prefillStretch(stretch)
                .build());
  }

  // Guesses

  @Test
  void grantsAsManyGuessesToAllAsTheOneWithTheFewestHas() {
    speculating(4, 4);
    enqueue(1, 2);
    enqueue(2, 2);
    StepPlan plan = scheduler.plan(0);
    scheduler.apply(plan, outcomes(3, 2));

    plan = scheduler.plan(0);
    assertThat(plan.work()).extracting(SequenceWork::drafts).containsExactly(2, 2);
    assertThat(plan.tokens()).isEqualTo(6);
    scheduler.apply(plan, outcomes(3, 0));
    assertThat(scheduler.plan(0).work()).extracting(SequenceWork::drafts).containsOnly(0);
  }

  @Test
  void grantsNoMoreGuessesThanConfigured() {
    speculating(3, 4);
    enqueue(1, 2);
    apply(scheduler.plan(0), 9, List.of());

    assertThat(onlyWork(scheduler.plan(0)).drafts()).isEqualTo(3);
  }

  @Test
  void grantsNoGuessesBeyondTheLastToken() {
    speculating(4, 4);
    scheduler.enqueue(SequenceRequest.of(1, prompt(1, 2), 4));
    apply(scheduler.plan(0), 9, List.of());

    // Three tokens are left, and the step chooses one itself.
    assertThat(onlyWork(scheduler.plan(0)).drafts()).isEqualTo(2);
  }

  @Test
  void grantsNoGuessesWhileManyDecode() {
    speculating(4, 2);
    for (long id = 1; id <= 3; id++) {
      enqueue(id, 2);
    }
    apply(scheduler.plan(0), 9, List.of());

    StepPlan plan = scheduler.plan(0);
    assertThat(plan.work()).hasSize(3).allMatch(work -> work.drafts() == 0);
    apply(plan, 9, List.of(3L));
    assertThat(scheduler.plan(0).work()).hasSize(2).allMatch(work -> work.drafts() == 4);
  }

  @Test
  void guessesFitInTheBatch() {
    scheduler = new Scheduler(config(4).maxBatchTokens(7).speculation(9, 4).build());
    enqueue(1, 2);
    enqueue(2, 2);
    apply(scheduler.plan(0), 9, List.of());

    assertThat(scheduler.plan(0).work()).allMatch(work -> work.drafts() == 2);
  }

  @Test
  void goesOnBehindTheGuessesThatWereRight() {
    speculating(4, 4);
    enqueue(1, 2);
    apply(scheduler.plan(0), 4, List.of());
    StepPlan plan = scheduler.plan(0);
    StepResult.Outcome right = new StepResult.Outcome(1, new int[] {7, 8, 9}, false, 0);
    scheduler.apply(plan, StepResult.of(List.of(right), 0));

    assertThat(scheduler.usedKvTokens()).isEqualTo(5);
    assertThat(scheduler.plan(0).work()).containsExactly(work(1, 0, 5, 1, true));
  }

  private void speculating(int drafts, int sequences) {
    scheduler = new Scheduler(config(SLOTS).speculation(drafts, sequences).build());
  }

  private static StepResult outcomes(int draftsOfFirst, int draftsOfSecond) {
    return StepResult.of(
        List.of(
            new StepResult.Outcome(1, new int[] {5}, false, draftsOfFirst),
            new StepResult.Outcome(2, new int[] {5}, false, draftsOfSecond)),
        0);
  }

  // Tenants' budgets

  @Test
  void aTenantWithoutTokensLeftWaitsForItsNextWindow() {
    budget(10, 1_000);
    scheduler.enqueue(ofTenant(1, 4, 4));
    scheduler.enqueue(ofTenant(2, 4, 4));
    StepPlan plan = scheduler.plan(1_500);
    assertThat(onlyWork(plan).sequenceId()).isEqualTo(1);
    apply(plan, 0, List.of());
    scheduler.cancel(1);

    // Of the 8 tokens that were set aside 5 were used.
    assertThat(scheduler.plan(1_999).isIdle()).isTrue();
    assertThat(scheduler.nextEventMs(1_999)).isEqualTo(2_000);
    assertThat(onlyWork(scheduler.plan(2_000)).sequenceId()).isEqualTo(2);
  }

  @Test
  void whatASequenceDidNotUseIsForTheNextOfItsTenant() {
    budget(12, 1_000);
    scheduler.enqueue(ofTenant(1, 4, 4));
    scheduler.enqueue(ofTenant(2, 3, 4));
    step(1L);

    assertThat(onlyWork(step()).sequenceId()).isEqualTo(2);
  }

  @Test
  void refusesASequenceThatNoWindowHasRoomFor() {
    budget(10, 1_000);

    assertThat(scheduler.budgetTooSmallFor(ofTenant(1, 5, 6))).isPresent();
    assertThatThrownBy(() -> scheduler.enqueue(ofTenant(1, 5, 6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("11 tokens");
    assertThat(scheduler.budgetTooSmallFor(ofTenant(1, 5, 5))).isEmpty();
    assertThat(scheduler.hasWork()).isFalse();
  }

  @Test
  void othersGoOnWhileATenantWaitsForItsBudget() {
    budget(10, 1_000);
    scheduler.enqueue(ofTenant(1, 4, 4));
    scheduler.enqueue(ofTenant(2, 4, 4));
    enqueue(3, 4);

    assertThat(step().work()).extracting(SequenceWork::sequenceId).containsExactly(1L, 3L);
  }

  @Test
  void aTrimThatIsDueIsNotLostInAnIdlePlan() {
    scheduler = new Scheduler(config(1).prefixSharing(false).tenants(tenants(10, 1_000)).build());
    scheduler.enqueue(ofTenant(1, 4, 4));
    scheduler.enqueue(ofTenant(2, 4, 4));
    step(1L);

    StepPlan idle = scheduler.plan(0);
    assertThat(idle.isIdle()).isTrue();
    assertThat(idle.operations()).isEmpty();
    assertThat(scheduler.plan(1_000).operations()).containsExactly(new KvOperation.Trim(0, 0));
  }

  private void budget(long tokens, long windowMs) {
    scheduler = new Scheduler(config(SLOTS).tenants(tenants(tokens, windowMs)).build());
  }

  private static List<TenantShare> tenants(long tokens, long windowMs) {
    return List.of(
        new TenantShare("bounded", 1, new TokenBudget(tokens, Duration.ofMillis(windowMs))));
  }

  private static SequenceRequest ofTenant(long id, int promptTokens, int maxNewTokens) {
    return SequenceRequest.builder(id, prompt(id, promptTokens), maxNewTokens)
        .tenant("bounded")
        .build();
  }
}
