package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.scheduler.KvSlots.Placement;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Where sequences are placed, what they find there, and what is saved of what they displace. */
class KvSlotsTest {

  private static final int CONTEXT = 200;

  private KvSlots slots = new KvSlots(config(4).build());

  private static SchedulerConfig.Builder config(int slots) {
    return SchedulerConfig.builder(slots, CONTEXT).copyTokenCost(0.02);
  }

  // Where

  @Test
  void fillsSlotsFromTheLowest() {
    assertThat(begin(tokens(1, 10))).isEqualTo(new Placement(0, 0));
    assertThat(begin(tokens(2, 10))).isEqualTo(new Placement(1, 0));
    assertThat(begin(tokens(3, 10))).isEqualTo(new Placement(2, 0));
  }

  @Test
  void goesOnInTheIdleSlotThatHoldsTheBeginning() {
    end(begin(tokens(1, 40)));
    begin(tokens(2, 10));
    slots.takeOperations();

    assertThat(begin(after(tokens(1, 40), 39, tokens(3, 5)))).isEqualTo(new Placement(0, 39));
    assertThat(slots.takeOperations()).containsExactly(new KvOperation.Trim(0, 39));
  }

  @Test
  void computesTheLastTokenThoughAllAreHeld() {
    end(begin(tokens(1, 40)));

    assertThat(begin(tokens(1, 40))).isEqualTo(new Placement(0, 39));
  }

  @Test
  void copiesFromABusySlot() {
    begin(tokens(1, 40));

    assertThat(begin(after(tokens(1, 40), 30, tokens(3, 5)))).isEqualTo(new Placement(1, 30));
    assertThat(slots.takeOperations()).containsExactly(new KvOperation.Copy(0, 1, 30));
  }

  @Test
  void copiesFromAnIdleSlotThatLiesApart() {
    for (int owner = 1; owner <= 4; owner++) {
      begin(tokens(owner, 40));
    }
    slots.release(1);
    slots.release(3);

    // Slot 1 lies between two busy ones, slot 3 beside one: a gap costs more than a copy.
    assertThat(begin(after(tokens(4, 40), 40, tokens(5, 5)))).isEqualTo(new Placement(1, 40));
    assertThat(slots.takeOperations())
        .containsExactly(new KvOperation.Trim(1, 0), new KvOperation.Copy(3, 1, 40));
  }

  @Test
  void copiesNothingThatCostsMoreThanToComputeIt() {
    slots = new KvSlots(config(4).copyTokenCost(1.5).build());
    begin(tokens(1, 40));

    assertThat(begin(after(tokens(1, 40), 30, tokens(3, 5)))).isEqualTo(new Placement(1, 0));
    assertThat(slots.takeOperations()).isEmpty();
  }

  @Test
  void standsTogetherRatherThanApart() {
    for (int owner = 1; owner <= 4; owner++) {
      begin(tokens(owner, 10));
    }
    slots.release(0);
    slots.release(2);

    assertThat(begin(tokens(5, 10)).slot()).isEqualTo(2);
  }

  @Test
  void displacesWhatIsShortest() {
    slots = new KvSlots(config(3).sharedKv(3 * CONTEXT).build());
    for (int owner = 1; owner <= 3; owner++) {
      begin(tokens(owner, owner == 2 ? 10 : 100));
    }
    for (int slot = 0; slot < 3; slot++) {
      slots.release(slot);
    }

    assertThat(begin(tokens(5, 10)).slot()).isEqualTo(1);
  }

  @Test
  void displacesWhatOthersHoldToo() {
    slots = new KvSlots(config(3).sharedKv(3 * CONTEXT).build());
    begin(tokens(1, 100));
    begin(after(tokens(1, 100), 100, tokens(2, 1)));
    begin(tokens(3, 50));
    slots.release(2);
    slots.release(0);

    assertThat(begin(tokens(5, 10)).slot()).isZero();
  }

  @Test
  void displacesWhatWasNotUsedForLongest() {
    slots = new KvSlots(config(3).sharedKv(3 * CONTEXT).build());
    for (int owner = 1; owner <= 3; owner++) {
      begin(tokens(owner, 50));
    }
    slots.release(1);
    slots.release(0);
    slots.release(2);

    assertThat(begin(tokens(5, 10)).slot()).isEqualTo(1);
    assertThat(begin(tokens(6, 10)).slot()).isZero();
  }

  @Test
  void sharesNothingBetweenAdapters() {
    begin(tokens(1, 40));

    assertThat(slots.place(1, tokens(1, 40), 40, 0).cachedTokens()).isZero();
  }

  @Test
  void sharesNothingWhereSharingIsOff() {
    slots = new KvSlots(config(1).prefixSharing(false).build());
    end(begin(tokens(1, 40)));
    assertThat(slots.takeOperations()).containsExactly(new KvOperation.Trim(0, 0));

    assertThat(begin(tokens(1, 40))).isEqualTo(new Placement(0, 0));
    assertThat(slots.prefixNodes()).isZero();
  }

  @Test
  void refusesToPlaceWhereNoSlotIsIdleAndToReleaseTwice() {
    slots = new KvSlots(config(1).build());
    begin(tokens(1, 10));
    assertThatThrownBy(() -> begin(tokens(2, 10))).isInstanceOf(IllegalStateException.class);
    slots.release(0);

    assertThatThrownBy(() -> slots.release(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(slots::highestBusy).isInstanceOf(IllegalStateException.class);
  }

  // Gaps

  @Test
  void hasAGapWhereAnIdleSlotLiesBetweenBusyOnes() {
    assertThat(slots.hasGap()).isFalse();
    begin(tokens(1, 10));
    begin(tokens(2, 20));
    begin(tokens(3, 30));
    assertThat(slots.hasGap()).isFalse();
    slots.release(1);

    assertThat(slots.hasGap()).isTrue();
    assertThat(slots.highestBusy()).isEqualTo(2);
    slots.takeOperations();
    assertThat(slots.moveToLowestGap(2)).isOne();
    assertThat(slots.takeOperations())
        .containsExactly(new KvOperation.Trim(1, 0), new KvOperation.Copy(2, 1, 30));
    assertThat(slots.hasGap()).isFalse();
    assertThat(slots.tokensIn(1)).isEqualTo(30);
    slots.release(0);
    assertThat(slots.hasGap()).isFalse();
  }

  // Saved prefixes

  @Test
  void savesWhatWasFoundBeforeItIsLost() {
    slots = new KvSlots(config(1).storedPrefixTokens(100).build());
    int[] instruction = tokens(1, 40);
    end(begin(after(instruction, 40, tokens(2, 5))));
    end(begin(after(instruction, 40, tokens(3, 5))));
    slots.takeOperations();

    end(begin(tokens(4, 10)));
    assertThat(slots.takeOperations())
        .containsExactly(new KvOperation.Save(0, 0, 40), new KvOperation.Trim(0, 0));
    assertThat(begin(after(instruction, 40, tokens(5, 5)))).isEqualTo(new Placement(0, 40));
    assertThat(slots.takeOperations())
        .containsExactly(new KvOperation.Trim(0, 0), new KvOperation.Restore(0, 0, 40));
  }

  @Test
  void savesNothingThatNobodyAskedForTwice() {
    slots = new KvSlots(config(1).storedPrefixTokens(100).build());
    end(begin(tokens(1, 40)));
    begin(tokens(2, 10));

    assertThat(slots.takeOperations()).containsExactly(new KvOperation.Trim(0, 0));
  }

  @Test
  void savesTheTokensOfAPreemptedSequence() {
    slots = new KvSlots(config(1).storedPrefixTokens(100).build());
    begin(tokens(1, 40));
    slots.releaseForLater(0);
    begin(tokens(2, 10));

    assertThat(slots.takeOperations()).startsWith(new KvOperation.Save(0, 0, 40));
  }

  @Test
  void restoresNoOtherPrefixThatTookTheNumberOfTheOneThatWasFound() {
    slots = new KvSlots(config(1).storedPrefixTokens(64).build());
    begin(tokens(1, 40));
    slots.releaseForLater(0);
    begin(tokens(2, 60));
    slots.releaseForLater(0);
    slots.takeOperations();

    // The 60 tokens in the slot are saved, which costs the 40 that were to be restored.
    assertThat(begin(after(tokens(1, 40), 40, tokens(3, 5)))).isEqualTo(new Placement(0, 0));
    assertThat(slots.takeOperations())
        .containsExactly(
            new KvOperation.Drop(0), new KvOperation.Save(0, 0, 60), new KvOperation.Trim(0, 0));
  }

  // A shared pool

  @Test
  void copiesForNothingInAPool() {
    slots = new KvSlots(config(4).sharedKv(CONTEXT).build());
    begin(tokens(1, 150));

    assertThat(begin(after(tokens(1, 150), 149, tokens(2, 1)))).isEqualTo(new Placement(1, 149));
    assertThat(slots.freeTokens()).isEqualTo(CONTEXT - 151);
    assertThat(slots.longestBusyMatch(0, tokens(1, 150), 150)).isEqualTo(149);
  }

  @Test
  void makesRoomByTheIdleSlotThatWasNotUsedForLongest() {
    slots = new KvSlots(config(4).sharedKv(CONTEXT).build());
    begin(tokens(1, 50));
    begin(tokens(2, 50));
    begin(tokens(3, 50));
    slots.release(1);
    slots.release(0);

    assertThat(slots.availableTokens()).isEqualTo(150);
    assertThat(slots.makeRoom(100)).isTrue();
    assertThat(slots.takeOperations()).containsExactly(new KvOperation.Trim(1, 0));
    assertThat(slots.makeRoom(151)).isFalse();
    assertThat(slots.freeTokens()).isEqualTo(150);
  }

  @Test
  void countsNothingAsAvailableThatABusySlotHoldsToo() {
    slots = new KvSlots(config(4).sharedKv(CONTEXT).build());
    begin(tokens(1, 50));
    begin(after(tokens(1, 50), 50, tokens(2, 10)));
    slots.release(0);

    assertThat(slots.availableTokens()).isEqualTo(CONTEXT - 60);
  }

  @Test
  void restoresNothingIntoEntriesThatAreReserved() {
    slots = new KvSlots(config(3).sharedKv(CONTEXT).storedPrefixTokens(100).build());
    begin(tokens(1, 60));
    slots.releaseForLater(0);
    assertThat(slots.makeRoom(CONTEXT)).isTrue();
    begin(tokens(2, 100));
    slots.takeOperations();

    int[] prompt = after(tokens(1, 60), 60, tokens(3, 5));
    assertThat(slots.place(0, prompt, 65, 41).cachedTokens()).isZero();
    assertThat(slots.takeOperations()).isEmpty();
  }

  @Test
  void restoresWhatFitsBesideEntriesThatAreReserved() {
    slots = new KvSlots(config(3).sharedKv(CONTEXT).storedPrefixTokens(100).build());
    begin(tokens(1, 60));
    slots.releaseForLater(0);
    assertThat(slots.makeRoom(CONTEXT)).isTrue();
    begin(tokens(2, 100));
    slots.takeOperations();

    int[] prompt = after(tokens(1, 60), 60, tokens(3, 5));
    assertThat(slots.place(0, prompt, 65, 40).cachedTokens()).isEqualTo(60);
    assertThat(slots.freeTokens()).isEqualTo(40);
  }

  /** Places a sequence and computes all its tokens. */
  private Placement begin(int[] tokens) {
    Placement placement = slots.place(0, tokens, tokens.length, 0);
    slots.computed(placement.slot(), tokens, placement.cachedTokens(), tokens.length, true);
    return placement;
  }

  private void end(Placement placement) {
    slots.release(placement.slot());
  }

  /** Tokens that no other owner has. */
  private static int[] tokens(int owner, int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, index -> 1_000 * owner + index);
    return tokens;
  }

  private static int[] after(int[] beginning, int kept, int[] ending) {
    int[] tokens = Arrays.copyOf(beginning, kept + ending.length);
    System.arraycopy(ending, 0, tokens, kept, ending.length);
    return tokens;
  }
}
