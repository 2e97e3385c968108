package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import ai.falaj.runtime.scheduler.StepPlan.SlotMove;
import org.junit.jupiter.api.Test;

/** When sequences move to close gaps between slots. */
class SchedulerGapsTest extends SteppedScheduler {

  @Test
  void endsNoGapBeforeItHasLasted() {
    decoding(1, 2, 3);
    step(1L);

    for (int step = 0; step < Scheduler.GAP_PATIENCE_STEPS; step++) {
      assertThat(step().moves()).isEmpty();
    }
    StepPlan plan = step();
    assertThat(plan.moves()).containsExactly(new SlotMove(3, 2, 0));
    assertThat(step().moves()).isEmpty();
  }

  @Test
  void aMovedSequenceKeepsItsPosition() {
    decoding(1, 2, 3);
    step(1L);
    SequenceWork before = null;
    for (int step = 0; step < Scheduler.GAP_PATIENCE_STEPS; step++) {
      before = step().work().get(1);
    }

    assertThat(step().work())
        .first()
        .isEqualTo(new SequenceWork(3, 0, before.position() + 1, 1, true));
  }

  @Test
  void closesOneGapAStepOnceTheyHaveLasted() {
    decoding(1, 2, 3, 4);
    step(1L, 2L);
    patience();

    assertThat(step().moves()).containsExactly(new SlotMove(4, 3, 0));
    assertThat(step().moves()).containsExactly(new SlotMove(3, 2, 1));
    assertThat(step().moves()).isEmpty();
  }

  @Test
  void aNewGapIsEnduredAnewThoughTheLastWasOnlyJustClosed() {
    decoding(1, 2, 3, 4);
    step(1L);
    patience();

    StepPlan closing = step(4L);
    assertThat(closing.moves()).containsExactly(new SlotMove(4, 3, 0));
    patience();
    assertThat(step().moves()).containsExactly(new SlotMove(3, 2, 0));
  }

  @Test
  void anArrivalFillsAGapBeforeItIsClosed() {
    decoding(1, 2, 3);
    step(1L);
    patience();
    enqueue(4, 1);

    StepPlan plan = step();
    assertThat(plan.moves()).isEmpty();
    assertThat(plan.work()).contains(new SequenceWork(4, 0, 0, 1, true));
  }

  @Test
  void closesNoGapWhileSomeoneWaitsForTokens() {
    decoding(1, 2);
    enqueue(3, 10 * PREFILL_WHILE_DECODING);
    step();
    step(1L);
    enqueue(4, 1);

    for (int step = 0; step < 3 * Scheduler.GAP_PATIENCE_STEPS; step++) {
      StepPlan plan = step();
      assertThat(plan.moves()).isEmpty();
      assertThat(scheduler.waitingCount()).isEqualTo(1);
    }
  }

  private void patience() {
    for (int step = 0; step < Scheduler.GAP_PATIENCE_STEPS; step++) {
      assertThat(step().moves()).isEmpty();
    }
  }
}
