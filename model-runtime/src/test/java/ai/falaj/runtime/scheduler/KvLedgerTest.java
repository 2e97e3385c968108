package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Counts of entries, by example and against sets of entries. */
class KvLedgerTest {

  private static final int SLOTS = 5;

  @Test
  void aCopyTakesNothingFromAPool() {
    KvLedger ledger = new KvLedger(SLOTS, 10, true);
    ledger.append(0, 6);
    ledger.copy(0, 1, 4);

    assertThat(ledger.used()).isEqualTo(6);
    ledger.append(1, 4);
    assertThat(ledger.free()).isZero();
    assertThat(ledger.length(1)).isEqualTo(8);
  }

  @Test
  void aSharedEntryIsFreeWhenTheLastSlotForgetsIt() {
    KvLedger ledger = new KvLedger(SLOTS, 10, true);
    ledger.append(0, 6);
    ledger.copy(0, 1, 4);
    ledger.trim(0, 0);

    assertThat(ledger.used()).isEqualTo(4);
    ledger.trim(1, 3);
    assertThat(ledger.used()).isEqualTo(3);
    ledger.trim(1, 0);
    assertThat(ledger.used()).isZero();
  }

  @Test
  void aCopyTakesAsManyWhereSlotsHaveTheirOwn() {
    KvLedger ledger = new KvLedger(SLOTS, 50, false);
    ledger.append(0, 6);
    ledger.copy(0, 1, 4);

    assertThat(ledger.used()).isEqualTo(10);
    ledger.trim(0, 0);
    assertThat(ledger.used()).isEqualTo(4);
  }

  @Test
  void refusesWhatIsNotThere() {
    KvLedger ledger = new KvLedger(SLOTS, 10, true);
    ledger.append(0, 6);

    assertThatThrownBy(() -> ledger.append(1, 5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("slot 1 takes 5 KV entries but 4 of 10 are free");
    assertThatThrownBy(() -> ledger.trim(0, 7)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.copy(0, 1, 7)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.copy(1, 0, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(ledger.used()).isEqualTo(6);
  }

  @Test
  void agreesWithSetsOfEntries() {
    for (long seed = 0; seed < 40; seed++) {
      compareWithSets(new Random(seed), seed % 2 == 0);
    }
  }

  private static void compareWithSets(Random random, boolean shared) {
    long capacity = shared ? 3_000 : SLOTS * 2_000;
    KvLedger ledger = new KvLedger(SLOTS, capacity, shared);
    List<List<Object>> slots = new ArrayList<>();
    IntStream.range(0, SLOTS).forEach(slot -> slots.add(new ArrayList<>()));
    for (int change = 0; change < 100; change++) {
      int slot = random.nextInt(SLOTS);
      List<Object> held = slots.get(slot);
      switch (random.nextInt(3)) {
        case 0 -> {
          int tokens = random.nextInt(Math.min(600, (int) ledger.free() + 1));
          if (held.size() + tokens <= 2_000) {
            ledger.append(slot, tokens);
            IntStream.range(0, tokens).forEach(token -> held.add(new Object()));
          }
        }
        case 1 -> {
          int kept = random.nextInt(held.size() + 1);
          ledger.trim(slot, kept);
          held.subList(kept, held.size()).clear();
        }
        default -> {
          List<Object> source = slots.get(random.nextInt(SLOTS));
          if (held.isEmpty() && source != held) {
            int tokens = random.nextInt(source.size() + 1);
            ledger.copy(slots.indexOf(source), slot, tokens);
            for (Object entry : List.copyOf(source.subList(0, tokens))) {
              held.add(shared ? entry : new Object());
            }
          }
        }
      }
      long used = slots.stream().flatMap(List::stream).distinct().count();
      assertThat(ledger.used()).isEqualTo(used);
      assertThat(ledger.free()).isEqualTo(capacity - used);
      assertThat(ledger.length(slot)).isEqualTo(held.size());
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      ledger.trim(slot, 0);
    }
    assertThat(ledger.used()).isZero();
    if (shared) {
      // Numbers of entries that were given back are given out again.
      ledger.append(0, (int) capacity);
      assertThat(ledger.free()).isZero();
    }
  }
}
