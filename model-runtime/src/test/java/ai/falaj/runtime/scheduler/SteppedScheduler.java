package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.Admitted;
import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepResult.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A scheduler that tests drive step by step, without a model. */
abstract class SteppedScheduler {

  static final int SLOTS = 4;
  static final int CONTEXT = 100;
  static final int BATCH = 16;
  static final int PREFILL_WHILE_DECODING = 6;

  Scheduler scheduler = new Scheduler(config(SLOTS).build());
  private int generatedTokens;

  /** Small bounds; no adaptive budget, so that nothing depends on time. */
  static SchedulerConfig.Builder config(int slots) {
    return SchedulerConfig.builder(slots, CONTEXT)
        .maxBatchTokens(BATCH)
        .maxPrefillTokensWhileDecoding(PREFILL_WHILE_DECODING)
        .prefillStretch(Double.POSITIVE_INFINITY);
  }

  /** Tokens that no other sequence has. */
  static int[] prompt(long id, int tokens) {
    int[] prompt = new int[tokens];
    Arrays.setAll(prompt, index -> (int) (1_000 * id + index));
    return prompt;
  }

  /** The first tokens of both prompts, then the sequence's own. */
  static int[] promptAfter(int[] beginning, long id, int tokens) {
    int[] prompt = Arrays.copyOf(beginning, beginning.length + tokens);
    System.arraycopy(prompt(id, tokens), 0, prompt, beginning.length, tokens);
    return prompt;
  }

  /** A sequence that may fill its context. */
  static SequenceRequest.Builder request(long id, int promptTokens) {
    return SequenceRequest.builder(id, prompt(id, promptTokens), CONTEXT - promptTokens);
  }

  void enqueue(long id, int promptTokens) {
    scheduler.enqueue(request(id, promptTokens).build());
  }

  void enqueue(long id, int promptTokens, int priority) {
    scheduler.enqueue(request(id, promptTokens).priority(priority).build());
  }

  /** Sequences of two prompt tokens in the slots from 0 on, about to decode. */
  void decoding(long... ids) {
    for (long id : ids) {
      enqueue(id, 2);
    }
    assertThat(step().work()).hasSize(ids.length).allMatch(SequenceWork::samples);
  }

  /** Plans and applies a step that finishes the given sequences. */
  StepPlan step(Long... finished) {
    StepPlan plan = scheduler.plan(0);
    apply(plan, 0, List.of(finished));
    return plan;
  }

  void apply(StepPlan plan, int offeredDrafts, List<Long> finished) {
    apply(plan, offeredDrafts, finished, 0);
  }

  /** Every sequence that samples gets a token of its own and has guesses for the next. */
  void apply(StepPlan plan, int offeredDrafts, List<Long> finished, long durationNanos) {
    if (plan.isIdle()) {
      return;
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (SequenceWork work : plan.work()) {
      if (work.samples()) {
        int[] token = {- ++generatedTokens};
        boolean finishes = finished.contains(work.sequenceId());
        outcomes.add(new Outcome(work.sequenceId(), token, finishes, offeredDrafts));
      }
    }
    scheduler.apply(plan, StepResult.of(outcomes, durationNanos));
  }

  static SequenceWork work(long id, int slot, int position, int tokens, boolean samples) {
    return new SequenceWork(id, slot, position, tokens, 0, samples);
  }

  static SequenceWork onlyWork(StepPlan plan) {
    assertThat(plan.work()).hasSize(1);
    return plan.work().get(0);
  }

  static Admitted onlyAdmitted(StepPlan plan) {
    assertThat(plan.admitted()).hasSize(1);
    return plan.admitted().get(0);
  }
}
