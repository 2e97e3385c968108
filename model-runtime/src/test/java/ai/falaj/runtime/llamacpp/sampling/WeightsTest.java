package ai.falaj.runtime.llamacpp.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WeightsTest {

  @Property(tries = 20_000)
  void isTheExponentialToTenDigits(@ForAll long seed) {
    double exponent = Weights.NEGLIGIBLE_EXPONENT * new Random(seed).nextDouble();
    double expected = Math.exp(exponent);
    assertThat(Weights.exp(exponent)).isCloseTo(expected, within(4e-11 * expected));
  }

  @Test
  void isExactWhereItMattersMost() {
    assertThat(Weights.exp(0)).isEqualTo(1);
    assertThat(Weights.exp(-0.0)).isEqualTo(1);
  }

  @Test
  void isZeroWhereAFloatWouldBe() {
    assertThat(Weights.exp(-88.000001)).isZero();
    assertThat(Weights.exp(Double.NEGATIVE_INFINITY)).isZero();
    assertThat((float) Math.exp(-88)).isLessThan(Float.MIN_NORMAL);
    assertThat(300_000 * Math.exp(-88)).isLessThan(0x1p-53);
  }

  @Test
  void theMaximumWeighsOneAtAnyTemperature() {
    for (double temperature : new double[] {2, 1, 1e-3, 1e-300, Double.MIN_VALUE}) {
      Weights weights = new Weights(12.5f, temperature);
      assertThat(weights.of(12.5f)).isEqualTo(1);
      assertThat(weights.of(Float.NEGATIVE_INFINITY)).isZero();
    }
  }

  @Property
  void findsTheSmallestLogitOfAWeight(@ForAll long seed) {
    Random random = new Random(seed);
    float maximum = (float) (20 * random.nextGaussian());
    double temperature = 0.01 + 2 * random.nextDouble();
    double weight = Math.pow(10, -9 * random.nextDouble());
    double exact = maximum + temperature * Math.log(weight);
    float smallest = new Weights(maximum, temperature).logitOf(weight);
    assertThat((double) smallest).isGreaterThanOrEqualTo(exact - 1e-12);
    assertThat((double) Math.nextDown(smallest)).isLessThan(exact + 1e-12);
  }
}
