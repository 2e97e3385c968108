package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SlotPoolTest {

  private final SlotPool slots = new SlotPool(3);

  @Test
  void givesOutTheLowestFreeSlot() {
    allocateAll();
    slots.release(2);
    slots.release(0);

    assertThat(slots.allocate()).hasValue(0);
    assertThat(slots.allocate()).hasValue(2);
  }

  @Test
  void givesNothingWhenAllSlotsAreUsed() {
    allocateAll();

    assertThat(slots.allocate()).isEmpty();
  }

  @Test
  void refusesToReleaseASlotTwice() {
    allocateAll();
    slots.release(1);

    assertThatThrownBy(() -> slots.release(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("slot 1")
        .hasMessageContaining("{0, 2}");
  }

  @Test
  void refusesToReleaseASlotThatItDoesNotHave() {
    allocateAll();

    assertThatThrownBy(() -> slots.release(3)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void hasAGapWhereAFreeSlotLiesBelowAUsedOne() {
    assertThat(slots.hasGap()).isFalse();
    allocateAll();
    assertThat(slots.hasGap()).isFalse();
    slots.release(2);
    assertThat(slots.hasGap()).isFalse();
    slots.release(0);
    assertThat(slots.hasGap()).isTrue();
    assertThat(slots.highestUsed()).isEqualTo(1);
  }

  @Test
  void knowsNoHighestSlotWhereNoneIsUsed() {
    assertThatThrownBy(slots::highestUsed).isInstanceOf(IllegalStateException.class);
  }

  private void allocateAll() {
    for (int slot = 0; slot < 3; slot++) {
      assertThat(slots.allocate()).hasValue(slot);
    }
  }
}
