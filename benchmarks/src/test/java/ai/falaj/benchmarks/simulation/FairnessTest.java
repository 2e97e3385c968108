package ai.falaj.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FairnessTest {

  private static final double[] WEIGHTS = {3, 1};

  @Test
  void dividesByWeightsWhenAllWantMore() {
    assertThat(Fairness.entitlements(new long[] {50, 50}, new long[] {1000, 1000}, WEIGHTS))
        .containsExactly(75, 25);
  }

  @Test
  void leavesToOthersWhatOneDoesNotWant() {
    assertThat(Fairness.entitlements(new long[] {50, 50}, new long[] {30, 1000}, WEIGHTS))
        .containsExactly(30, 70);
  }

  @Test
  void givesAllThatTheyWantWhenThereIsEnough() {
    assertThat(Fairness.entitlements(new long[] {30, 20}, new long[] {30, 20}, WEIGHTS))
        .containsExactly(30, 20);
  }

  @Test
  void isOneWhenEachGetsItsShare() {
    assertThat(Fairness.jainIndex(new long[] {75, 25}, new double[] {75, 25})).isEqualTo(1);
  }

  @Test
  void isAHalfWhenOneOfTwoGetsAll() {
    assertThat(Fairness.jainIndex(new long[] {100, 0}, new double[] {50, 50})).isEqualTo(0.5);
  }

  @Test
  void measuresTheDistanceFromTheShares() {
    assertThat(Fairness.maxShareError(new long[] {50, 50}, WEIGHTS)).isCloseTo(0.25, within(1e-12));
  }
}
