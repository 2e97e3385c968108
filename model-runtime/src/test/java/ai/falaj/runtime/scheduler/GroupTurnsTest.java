package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose turn it is. */
class GroupTurnsTest {

  private final GroupTurns turns = new GroupTurns();

  @Test
  void nobodysTurnWhereNobodyIsThere() {
    assertThat(turns.order(List.of(), Optional.empty(), Optional.empty())).isEmpty();
  }

  @Test
  void adaptersTakeTurns() {
    for (int round = 0; round < 3; round++) {
      for (int expected : new int[] {0, 1, 2}) {
        assertThat(orderOf(2, 0, 1, 0)).first().isEqualTo(expected);
        turns.took(StepGroup.ofAdapter(expected));
      }
    }
  }

  @Test
  void aNewAdapterComesFirst() {
    turns.took(StepGroup.ofAdapter(0));
    turns.took(StepGroup.ofAdapter(1));

    assertThat(orderOf(0, 1, 5)).containsExactly(5, 0, 1);
  }

  @Test
  void adaptersOfThoseThatWaitHaveTurnsToo() {
    List<Integer> order =
        adapters(turns.order(sequences(1), Optional.of(sequence(3)), Optional.of(sequence(2))));

    assertThat(order).containsExactly(1, 2, 3);
  }

  @Test
  void aTurnThatWasNotTakenIsStillDue() {
    turns.took(StepGroup.ofAdapter(0));
    assertThat(orderOf(0, 1)).containsExactly(1, 0);
    turns.took(StepGroup.ofAdapter(0));

    assertThat(orderOf(0, 1)).containsExactly(1, 0);
  }

  @Test
  void forgetsAdaptersWithoutSequences() {
    turns.took(StepGroup.ofAdapter(1));
    turns.took(StepGroup.ofAdapter(0));
    orderOf(0);

    assertThat(orderOf(0, 1)).containsExactly(1, 0);
  }

  @Test
  void isolatedGroupsHaveEverySecondTurnTogether() {
    List<ScheduledSequence> running =
        List.of(sequence(0), sequence(1), isolated(0, 7), isolated(0, 8), isolated(1, 9));
    List<StepGroup> taken = new ArrayList<>();
    for (int turn = 0; turn < 14; turn++) {
      taken.add(turns.order(running, Optional.empty(), Optional.empty()).get(0));
      turns.took(taken.get(turn));
    }

    assertThat(taken).filteredOn(StepGroup::isIsolated).hasSizeLessThanOrEqualTo(7);
    for (ScheduledSequence sequence : running) {
      assertThat(taken).filteredOn(sequence.group()::equals).hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void isolatedGroupsHaveAllTurnsWhereNobodyElseIsThere() {
    List<ScheduledSequence> running = List.of(isolated(0, 7), isolated(0, 8));
    for (int turn = 0; turn < 4; turn++) {
      StepGroup next = turns.order(running, Optional.empty(), Optional.empty()).get(0);
      assertThat(next.isolation()).hasValue(7 + turn % 2);
      turns.took(next);
    }
  }

  private static ScheduledSequence isolated(int adapter, long isolation) {
    ScheduledSequence sequence = sequence(adapter);
    sequence.isolate(isolation);
    return sequence;
  }

  private List<Integer> orderOf(int... adapters) {
    return adapters(turns.order(sequences(adapters), Optional.empty(), Optional.empty()));
  }

  private static List<Integer> adapters(List<StepGroup> groups) {
    return groups.stream().map(StepGroup::adapter).toList();
  }

  private static List<ScheduledSequence> sequences(int... adapters) {
    return Arrays.stream(adapters).mapToObj(GroupTurnsTest::sequence).toList();
  }

  private static ScheduledSequence sequence(int adapter) {
    SequenceRequest request = SequenceRequest.builder(1, new int[1], 1).adapter(adapter).build();
    return new ScheduledSequence(request, 0, Long.MAX_VALUE);
  }
}
