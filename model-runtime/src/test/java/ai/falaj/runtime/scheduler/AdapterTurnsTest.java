package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose turn it is. */
class AdapterTurnsTest {

  private final AdapterTurns turns = new AdapterTurns();

  @Test
  void nobodysTurnWhereNobodyIsThere() {
    assertThat(turns.order(List.of(), Optional.empty(), Optional.empty())).isEmpty();
  }

  @Test
  void adaptersTakeTurns() {
    for (int round = 0; round < 3; round++) {
      for (int expected : new int[] {0, 1, 2}) {
        assertThat(orderOf(2, 0, 1, 0)).first().isEqualTo(expected);
        turns.took(expected);
      }
    }
  }

  @Test
  void aNewAdapterComesFirst() {
    turns.took(0);
    turns.took(1);

    assertThat(orderOf(0, 1, 5)).containsExactly(5, 0, 1);
  }

  @Test
  void adaptersOfThoseThatWaitHaveTurnsToo() {
    List<Integer> order =
        turns.order(sequences(1), Optional.of(sequence(3)), Optional.of(sequence(2)));

    assertThat(order).containsExactly(1, 2, 3);
  }

  @Test
  void aTurnThatWasNotTakenIsStillDue() {
    turns.took(0);
    assertThat(orderOf(0, 1)).containsExactly(1, 0);
    turns.took(0);

    assertThat(orderOf(0, 1)).containsExactly(1, 0);
  }

  @Test
  void forgetsAdaptersWithoutSequences() {
    turns.took(1);
    turns.took(0);
    orderOf(0);

    assertThat(orderOf(0, 1)).containsExactly(1, 0);
  }

  private List<Integer> orderOf(int... adapters) {
    return turns.order(sequences(adapters), Optional.empty(), Optional.empty());
  }

  private static List<ScheduledSequence> sequences(int... adapters) {
    return Arrays.stream(adapters).mapToObj(AdapterTurnsTest::sequence).toList();
  }

  private static ScheduledSequence sequence(int adapter) {
    SequenceRequest request = SequenceRequest.builder(1, new int[1], 1).adapter(adapter).build();
    return new ScheduledSequence(request, 0, Long.MAX_VALUE);
  }
}
