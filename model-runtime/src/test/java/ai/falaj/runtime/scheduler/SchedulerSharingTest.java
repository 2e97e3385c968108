package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.Admitted;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is computed once for many prompts. */
class SchedulerSharingTest extends SteppedScheduler {

  private static final int[] INSTRUCTION = prompt(500, 60);

  @Test
  void computesTheInstructionOfAHundredPromptsOnce() {
    for (long id = 1; id <= 100; id++) {
      scheduler.enqueue(SequenceRequest.of(id, promptAfter(INSTRUCTION, id, 4), 2));
    }
    assertThat(prefillTokensUntilDone()).isEqualTo(60 + 100 * 4);
    assertThat(scheduler.prefixHitTokens()).isEqualTo(99 * 60);
    assertThat(scheduler.prefixQueryTokens()).isEqualTo(100 * 64);
  }

  @Test
  void computesTheInstructionOfAHundredPromptsOnceInAPoolToo() {
    scheduler = new Scheduler(config(SLOTS).sharedKv(2 * CONTEXT).build());
    for (long id = 1; id <= 100; id++) {
      scheduler.enqueue(SequenceRequest.of(id, promptAfter(INSTRUCTION, id, 4), 2));
    }
    assertThat(prefillTokensUntilDone()).isEqualTo(60 + 100 * 4);
  }

  @Test
  void computesEveryPromptWhereNothingIsShared() {
    scheduler = new Scheduler(config(SLOTS).prefixSharing(false).build());
    for (long id = 1; id <= 10; id++) {
      scheduler.enqueue(SequenceRequest.of(id, promptAfter(INSTRUCTION, id, 4), 2));
    }
    assertThat(prefillTokensUntilDone()).isEqualTo(10 * 64);
    assertThat(scheduler.prefixHitTokens()).isZero();
  }

  @Test
  void computesThePromptOfManySamplesOnceAndOneTokenForEachOther() {
    scheduler = new Scheduler(config(SLOTS).maxBatchTokens(40).build());
    for (long id = 1; id <= SLOTS; id++) {
      scheduler.enqueue(SequenceRequest.of(id, INSTRUCTION, 30));
    }
    assertThat(onlyWork(step())).isEqualTo(work(1, 0, 0, 40, false));
    assertThat(onlyWork(step())).isEqualTo(work(1, 0, 40, 20, true));
    assertThat(scheduler.waitingCount()).isEqualTo(3);

    StepPlan fork = step();
    assertThat(fork.operations())
        .containsExactly(
            new KvOperation.Copy(0, 1, 59),
            new KvOperation.Copy(0, 2, 59),
            new KvOperation.Copy(0, 3, 59));
    assertThat(fork.work())
        .containsExactly(
            work(1, 0, 60, 1, true),
            work(2, 1, 59, 1, true),
            work(3, 2, 59, 1, true),
            work(4, 3, 59, 1, true));
  }

  @Test
  void forksSamplesOfAPromptThatFillsMostOfThePool() {
    scheduler = new Scheduler(config(SLOTS).sharedKv(CONTEXT).maxBatchTokens(40).build());
    for (long id = 1; id <= SLOTS; id++) {
      scheduler.enqueue(SequenceRequest.of(id, INSTRUCTION, 5));
    }
    step();
    step();

    assertThat(step().admitted()).hasSize(3);
    assertThat(scheduler.preemptions()).isZero();
  }

  @Test
  void theNextTurnOfAConversationIsComputedBehindTheLast() {
    scheduler.enqueue(SequenceRequest.of(1, prompt(1, 10), 2));
    step();
    StepPlan last = scheduler.plan(0);
    scheduler.apply(
        last, StepResult.of(List.of(StepResult.Outcome.of(1, 77, true)), 0)); // not computed
    int[] turn = new int[16];
    System.arraycopy(prompt(1, 10), 0, turn, 0, 10);
    turn[10] = -1;
    turn[11] = 77;
    scheduler.enqueue(SequenceRequest.of(2, turn, 2));

    StepPlan plan = step();
    assertThat(plan.admitted()).containsExactly(new Admitted(2, 0, 11));
    assertThat(plan.operations()).isEmpty();
  }

  @Test
  void waitsForNoPrefixThatIsShort() {
    int[] beginning = prompt(500, StepPlanner.WORTH_WAITING_TOKENS - 1);
    scheduler = new Scheduler(config(SLOTS).maxBatchTokens(100).build());
    scheduler.enqueue(SequenceRequest.of(1, promptAfter(beginning, 1, 4), 2));
    scheduler.enqueue(SequenceRequest.of(2, promptAfter(beginning, 2, 4), 2));

    assertThat(step().work()).hasSize(2);
  }

  @Test
  void waitsForNoPrefixThatALessUrgentSequenceComputes() {
    scheduler = new Scheduler(config(SLOTS).build());
    enqueueAfterInstruction(1, 0);
    step();
    enqueueAfterInstruction(2, 1);

    assertThat(step().work()).extracting(SequenceWork::sequenceId).contains(2L);
  }

  @Test
  void sequencesOfTwoAdaptersAreNeitherMixedNorShared() {
    for (long id = 1; id <= 4; id++) {
      int adapter = (int) (id % 2);
      scheduler.enqueue(SequenceRequest.builder(id, prompt(500, 10), 50).adapter(adapter).build());
    }
    List<Integer> turns = new ArrayList<>();
    while (scheduler.hasWork()) {
      StepPlan plan = step();
      turns.add(plan.adapter());
      assertThat(plan.work()).allMatch(work -> work.sequenceId() % 2 == plan.adapter());
      assertThat(plan.admitted())
          .noneMatch(admitted -> admitted.sequenceId() <= 2 && admitted.cachedTokens() > 0);
      if (turns.size() > 12) {
        scheduler.runningSequences().forEach(scheduler::cancel);
      }
    }
    assertThat(turns.subList(2, 12)).containsExactly(1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
  }

  @Test
  void theTurnOfAnAdapterThatFindsNoSlotGoesToAnother() {
    scheduler = new Scheduler(config(1).build());
    enqueue(1, 2);
    step();
    scheduler.enqueue(request(2, 2).adapter(1).build());

    for (int step = 0; step < 4; step++) {
      assertThat(onlyWork(step()).sequenceId()).isEqualTo(1);
    }
  }

  private void enqueueAfterInstruction(long id, int priority) {
    scheduler.enqueue(
        SequenceRequest.builder(id, promptAfter(INSTRUCTION, id, 4), 2).priority(priority).build());
  }

  /** All sequences generate two tokens. */
  private int prefillTokensUntilDone() {
    int tokens = 0;
    while (scheduler.hasWork()) {
      StepPlan plan = scheduler.plan(0);
      List<Long> finished = new ArrayList<>();
      for (SequenceWork work : plan.work()) {
        boolean decodes = work.position() >= 64;
        tokens += decodes ? 0 : work.tokenCount();
        if (decodes) {
          finished.add(work.sequenceId());
        }
      }
      apply(plan, 0, finished);
    }
    return tokens;
  }
}
