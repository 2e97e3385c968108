package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.OptionalLong;
import java.util.Set;

/** A scheduler that tests drive step by step, without a model. */
abstract class SteppedScheduler {

  static final int SLOTS = 4;
  static final int CONTEXT = 100;
  static final int BATCH = 16;
  static final int PREFILL_WHILE_DECODING = 6;

  final Scheduler scheduler =
      new Scheduler(new SchedulerConfig(SLOTS, CONTEXT, BATCH, PREFILL_WHILE_DECODING));

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
    if (!plan.isIdle()) {
      scheduler.apply(plan, StepResult.finished(Set.of(finished)));
    }
    return plan;
  }

  void enqueue(long id, int promptTokens) {
    enqueue(id, promptTokens, 0);
  }

  void enqueue(long id, int promptTokens, int priority) {
    scheduler.enqueue(request(id, promptTokens, priority));
  }

  static SequenceRequest request(long id, int promptTokens, int priority) {
    return new SequenceRequest(id, promptTokens, priority, OptionalLong.empty());
  }

  static SequenceWork onlyWork(StepPlan plan) {
    assertThat(plan.work()).hasSize(1);
    return plan.work().get(0);
  }
}
