package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromptLookupTest {

  private final PromptLookup lookup = new PromptLookup();

  @Test
  void guessesWhatFollowedTheSameTokens() {
    assertThat(guesses(3, 1, 2, 3, 4, 5, 6, 1, 2, 3)).containsExactly(4, 5, 6);
  }

  @Test
  void guessesNoMoreThanIsWanted() {
    assertThat(guesses(1, 1, 2, 3, 4, 5, 6, 1, 2, 3)).containsExactly(4);
  }

  @Test
  void guessesNoMoreThanThereIs() {
    assertThat(guesses(8, 1, 2, 3, 1, 2)).containsExactly(3, 1, 2);
  }

  @Test
  void prefersTheLongestMatch() {
    assertThat(guesses(1, 9, 1, 2, 3, 7, 8, 2, 3, 5, 1, 2, 3)).containsExactly(7);
  }

  @Test
  void prefersTheNewestOfEqualMatches() {
    assertThat(guesses(1, 1, 2, 7, 1, 2, 8, 1, 2)).containsExactly(8);
  }

  @Test
  void findsARunOfOneToken() {
    assertThat(guesses(4, 5, 5, 5, 5, 5, 5)).containsExactly(5);
  }

  @Test
  void findsAMatchAtTheVeryBeginning() {
    assertThat(guesses(2, 4, 6, 8, 4, 6)).containsExactly(8, 4);
  }

  @Test
  void guessesNothingWhereOneTokenAloneCameBefore() {
    assertThat(guesses(4, 1, 2, 3, 1)).isEmpty();
  }

  @Test
  void guessesNothingForTheShortestPrompts() {
    assertThat(guesses(4, 1)).isEmpty();
    assertThat(guesses(4, 1, 1)).isEmpty();
  }

  private int[] guesses(int most, int... tokens) {
    return lookup.propose(SpeculatedRuns.of(1, 10, tokens), most);
  }
}
