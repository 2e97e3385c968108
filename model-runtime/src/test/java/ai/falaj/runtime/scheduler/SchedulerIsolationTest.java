package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Sequences that share their steps with nobody, or only with each other. */
class SchedulerIsolationTest extends SteppedScheduler {

  @Test
  void anIsolatedSequenceSharesNoStep() {
    decoding(1, 2, 3);
    scheduler.isolate(2, 77);

    List<List<Long>> steps = ids(8);

    assertThat(steps).contains(List.of(2L), List.of(1L, 3L));
    assertThat(steps).allMatch(ids -> ids.equals(List.of(2L)) || !ids.contains(2L));
  }

  @Test
  void thoseIsolatedTogetherShareTheirSteps() {
    enqueueIsolated(1, 5);
    enqueueIsolated(2, 5);
    enqueueIsolated(3, 6);

    assertThat(ids(8)).contains(List.of(1L, 2L), List.of(3L)).doesNotContain(List.of(1L, 2L, 3L));
  }

  @Test
  void howeverManyAreIsolatedTheOthersKeepHalfOfTheSteps() {
    scheduler = new Scheduler(config(8).build());
    decoding(1, 2);
    for (long id = 3; id < 9; id++) {
      enqueueIsolated(id, id);
    }
    ids(12);

    List<List<Long>> steps = ids(24);

    assertThat(steps).filteredOn(List.of(1L, 2L)::equals).hasSize(12);
    for (long id = 3; id < 9; id++) {
      assertThat(steps).filteredOn(List.of(id)::equals).hasSize(2);
    }
  }

  @Test
  void isolatedSequencesThatWaitDoNotKeepOthersOut() {
    scheduler = new Scheduler(config(2).build());
    for (long id = 1; id <= 60; id++) {
      enqueueIsolated(id, id);
    }
    enqueue(100, 2);

    boolean served = false;
    List<Long> last = List.of();
    for (int step = 0; step < 2_000 && !served; step++) {
      StepPlan plan = scheduler.plan(0);
      last = idsOf(plan);
      served = last.contains(100L);
      // Each of them finishes with its first token.
      apply(plan, 0, last);
    }
    assertThat(served).isTrue();
    assertThat(last).containsExactly(100L);
  }

  @Test
  void aWaitingSequenceCanBeIsolatedToo() {
    decoding(1);
    enqueue(2, 2);
    scheduler.isolate(2, 9);
    scheduler.isolate(55, 9);

    assertThat(ids(6)).contains(List.of(1L), List.of(2L)).doesNotContain(List.of(1L, 2L));
  }

  @Test
  void isolationSurvivesTheLossOfASlot() {
    decoding(1, 2);
    scheduler.isolate(2, 9);
    scheduler.apply(scheduler.plan(0), StepResult.failure());

    assertThat(ids(6)).contains(List.of(1L), List.of(2L)).doesNotContain(List.of(1L, 2L));
  }

  private void enqueueIsolated(long id, long isolation) {
    scheduler.enqueue(request(id, 2).isolation(OptionalLong.of(isolation)).build());
  }

  /** Whom each of the next steps computes. */
  private List<List<Long>> ids(int steps) {
    List<List<Long>> ids = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      ids.add(idsOf(step()));
    }
    return ids;
  }

  private static List<Long> idsOf(StepPlan plan) {
    return plan.work().stream().map(SequenceWork::sequenceId).toList();
  }
}
