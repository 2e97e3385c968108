package ai.falaj.benchmarks.fairness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SlidingSharesTest {

  @Test
  void findsTheWorstWindow() {
    SlidingShares shares =
        SlidingShares.of(new long[] {3, 3, 0, 3, 3}, new long[] {1, 1, 1, 1, 1}, 2);
    assertThat(shares.lowest()).isCloseTo(0.6, within(1e-9));
    assertThat(shares.highest()).isCloseTo(0.75, within(1e-9));
    assertThat(shares.overall()).isCloseTo(12 / 17.0, within(1e-9));
  }

  @Test
  void measuresTheDeviationByTheSmallerShare() {
    assertThat(new SlidingShares(0.7, 0.76, 0.75).largestDeviation(0.75))
        .isCloseTo(0.2, within(1e-9));
    assertThat(new SlidingShares(0.75, 0.75, 0.75).largestDeviation(0.75)).isZero();
  }

  @Test
  void refusesLessThanAWindowAndASilentOne() {
    assertThatThrownBy(() -> SlidingShares.of(new long[2], new long[2], 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SlidingShares.of(new long[3], new long[3], 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nobody got a token");
  }

  @Test
  void countsTokensInTheSecondInWhichTheyCame() {
    TokensPerSecond tokens = new TokensPerSecond(-1_000_000_000L, 2);
    tokens.add(-1_500_000_000L, 9);
    tokens.add(-1_000_000_000L, 1);
    tokens.add(-1L, 2);
    tokens.add(500_000_000L, 4);
    tokens.add(1_000_000_000L, 9);
    assertThat(tokens.toArray()).containsExactly(3, 4);
  }
}
