package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Which saved prefixes go for another one. */
class PrefixStoreTest {

  private final PrefixStore store = new PrefixStore(200);

  @Test
  void givesOutTheLowestNumberThatIsFree() {
    assertThat(store.add(40)).isZero();
    assertThat(store.add(60)).isEqualTo(1);
    assertThat(store.makeRoom(110)).containsExactly(0);
    assertThat(store.add(110)).isZero();
    assertThat(store.usedTokens()).isEqualTo(170);
  }

  @Test
  void dropsNothingWhileThereIsRoom() {
    store.add(100);

    assertThat(store.makeRoom(100)).isEmpty();
  }

  @Test
  void dropsTheLeastRecentlyUsedUntilThereIsRoom() {
    store.add(60);
    store.add(60);
    store.add(60);
    store.touch(0);

    assertThat(store.oldest()).hasValue(1);
    assertThat(store.makeRoom(140)).containsExactly(1, 2);
    assertThat(store.usedTokens()).isEqualTo(60);
  }

  @Test
  void hasNoMoreEntriesThanItHasNumbers() {
    assertThat(store.maxEntries()).isEqualTo(200 / PrefixStore.MIN_TOKENS);
    for (int entry = 0; entry < store.maxEntries(); entry++) {
      assertThat(store.add(PrefixStore.MIN_TOKENS)).isEqualTo(entry);
    }
    assertThat(store.makeRoom(PrefixStore.MIN_TOKENS)).containsExactly(0);
    assertThat(new PrefixStore(1_000_000_000).maxEntries()).isEqualTo(PrefixStore.MAX_ENTRIES);
  }

  @Test
  void takesNothingShortAndNothingBeyondItsSize() {
    assertThat(store.fits(PrefixStore.MIN_TOKENS)).isTrue();
    assertThat(store.fits(PrefixStore.MIN_TOKENS - 1)).isFalse();
    assertThat(store.fits(200)).isTrue();
    assertThat(store.fits(201)).isFalse();
    assertThat(new PrefixStore(0).fits(PrefixStore.MIN_TOKENS)).isFalse();
    assertThat(new PrefixStore(0).oldest()).isEmpty();
  }

  @Test
  void refusesToUseWhatIsNotThere() {
    assertThatThrownBy(() -> store.touch(3)).isInstanceOf(IllegalStateException.class);
  }
}
