package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When sequences move to close gaps between slots. */
class SchedulerGapsTest extends SteppedScheduler {

  @Test
  void endsNoGapBeforeItHasLasted() {
    decoding(1, 2, 3);
    step(2L);
    patience();

    assertThat(moves(step())).containsExactly("2 to 1");
    assertThat(moves(step())).isEmpty();
  }

  @Test
  void idleSlotsBelowAllOthersAreNoGap() {
    decoding(1, 2, 3);
    step(1L);

    for (int step = 0; step < 3 * Scheduler.GAP_PATIENCE_STEPS; step++) {
      assertThat(moves(step())).isEmpty();
    }
  }

  @Test
  void aMovedSequenceKeepsItsPosition() {
    decoding(1, 2, 3);
    step(2L);
    SequenceWork before = null;
    for (int step = 0; step < Scheduler.GAP_PATIENCE_STEPS; step++) {
      before = step().work().get(1);
    }

    assertThat(step().work()).last().isEqualTo(work(3, 1, before.position() + 1, 1, true));
  }

  @Test
  void closesOneGapAStepOnceTheyHaveLasted() {
    scheduler = new Scheduler(config(6).build());
    decoding(1, 2, 3, 4, 5, 6);
    step(2L, 4L);
    patience();

    assertThat(moves(step())).containsExactly("5 to 1");
    assertThat(moves(step())).containsExactly("4 to 3");
    assertThat(moves(step())).isEmpty();
  }

  @Test
  void aNewGapIsEnduredAnewThoughTheLastWasOnlyJustClosed() {
    decoding(1, 2, 3, 4);
    step(2L);
    patience();

    StepPlan closing = step(4L);
    assertThat(moves(closing)).containsExactly("3 to 1");
    patience();
    assertThat(moves(step())).containsExactly("2 to 1");
  }

  @Test
  void anArrivalFillsAGapBeforeItIsClosed() {
    decoding(1, 2, 3, 4);
    step(2L);
    patience();
    enqueue(5, 1);

    StepPlan plan = step();
    assertThat(moves(plan)).isEmpty();
    assertThat(plan.work()).contains(work(5, 1, 0, 1, true));
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
      assertThat(moves(plan)).isEmpty();
      assertThat(scheduler.waitingCount()).isEqualTo(1);
    }
  }

  @Test
  void closesNoGapWhereSlotsShareTheirEntries() {
    scheduler = new Scheduler(config(SLOTS).sharedKv(SLOTS * CONTEXT).build());
    decoding(1, 2, 3);
    step(2L);

    for (int step = 0; step < 3 * Scheduler.GAP_PATIENCE_STEPS; step++) {
      assertThat(moves(step())).isEmpty();
    }
  }

  private void patience() {
    for (int step = 0; step < Scheduler.GAP_PATIENCE_STEPS; step++) {
      assertThat(moves(step())).isEmpty();
    }
  }

  /** Copies of what sequences hold; nobody is placed while they are moved. */
  private static List<String> moves(StepPlan plan) {
    List<String> moves = new ArrayList<>();
    for (KvOperation operation : plan.operations()) {
      if (operation instanceof KvOperation.Copy copy) {
        moves.add(copy.fromSlot() + " to " + copy.toSlot());
      }
    }
    return moves;
  }
}
