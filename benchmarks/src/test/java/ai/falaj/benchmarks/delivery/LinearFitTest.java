package ai.falaj.benchmarks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.benchmarks.delivery.LinearFit.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearFitTest {

  @Test
  void findsTheLineAndHowFarPointsAreFromIt() {
    LinearFit fit =
        LinearFit.of(
            List.of(new Point(0, 11), new Point(1, 14), new Point(2, 17), new Point(3, 20)));
    assertThat(fit.slope()).isCloseTo(3, within(1e-9));
    assertThat(fit.intercept()).isCloseTo(11, within(1e-9));
    assertThat(fit.worstError()).isCloseTo(0, within(1e-9));

    LinearFit scattered = LinearFit.of(List.of(new Point(0, 0), new Point(1, 3), new Point(2, 0)));
    assertThat(scattered.slope()).isCloseTo(0, within(1e-9));
    assertThat(scattered.worstError()).isCloseTo(2, within(1e-9));
  }

  @Test
  void refusesPointsThatMakeNoLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinearFit.of(List.of(new Point(1, 1), new Point(1, 2))));
  }
}
