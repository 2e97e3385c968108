package ai.falaj.jobs.eval.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EstimatesTest {

  /** Bounds as R's {@code prop.test(x, n, correct = FALSE)} gives them. */
  @ParameterizedTest
  @CsvSource({
    "0, 10, 0, 0.2775",
    "1, 10, 0.0179, 0.4042",
    "5, 10, 0.2366, 0.7634",
    "10, 10, 0.7225, 1",
    "45, 100, 0.3561, 0.5476",
  })
  void givesWilsonsIntervalWhereProblemsAreRightOrWrong(int right, int n, double low, double high) {
    double[] shares = IntStream.range(0, n).mapToDouble(i -> i < right ? 1 : 0).toArray();

    Estimate estimate = Estimates.ofShare(shares);

    assertThat(estimate.method()).isEqualTo("wilson");
    assertThat(estimate.value()).isEqualTo((double) right / n, within(1e-12));
    assertThat(estimate.low()).isEqualTo(low, within(5e-5));
    assertThat(estimate.high()).isEqualTo(high, within(5e-5));
  }

  @Test
  void resamplesProblemsWhereTheyArePartlyRight() {
    double[] shares = new double[200];
    SplittableRandom random = new SplittableRandom(3);
    Arrays.setAll(shares, i -> random.nextInt(5) / 4.0);
    double mean = Arrays.stream(shares).average().orElseThrow();
    double deviation =
        Math.sqrt(
            Arrays.stream(shares).map(share -> (share - mean) * (share - mean)).sum()
                / shares.length);
    double half = 1.96 * deviation / Math.sqrt(shares.length);

    Estimate estimate = Estimates.ofShare(shares);

    assertThat(estimate.method()).isEqualTo("bootstrap");
    assertThat(estimate.value()).isEqualTo(mean);
    assertThat(estimate.low()).isEqualTo(mean - half, within(0.01));
    assertThat(estimate.high()).isEqualTo(mean + half, within(0.01));
    assertThat(Estimates.ofShare(shares)).as("always the same").isEqualTo(estimate);
  }

  @Test
  void refusesNothing() {
    assertThatThrownBy(() -> Estimates.ofMean(new double[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Against counting all choices of k samples. */
  @Test
  void estimatesPassAtKWithoutBias() {
    for (int n = 1; n <= 8; n++) {
      for (int c = 0; c <= n; c++) {
        for (int k = 1; k <= n; k++) {
          assertThat(PassAtK.estimate(n, c, k))
              .as("n %d, c %d, k %d", n, c, k)
              .isEqualTo(shareOfChoicesWithARightOne(n, c, k), within(1e-12));
        }
      }
    }
    assertThatThrownBy(() -> PassAtK.estimate(2, 1, 3)).hasMessageContaining("pass@3");
  }

  private static double shareOfChoicesWithARightOne(int n, int c, int k) {
    int choices = 0;
    int right = 0;
    for (int set = 0; set < 1 << n; set++) {
      if (Integer.bitCount(set) == k) {
        choices++;
        right += (set & ((1 << c) - 1)) == 0 ? 0 : 1;
      }
    }
    return (double) right / choices;
  }
}
