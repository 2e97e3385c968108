package ai.falaj.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {

  @Test
  void takesTheNearestRank() {
    Percentiles percentiles = Percentiles.of(LongStream.rangeClosed(1, 100).boxed().toList());

    assertThat(percentiles.at(50)).hasValue(50);
    assertThat(percentiles.at(95)).hasValue(95);
    assertThat(percentiles.at(99.5)).hasValue(100);
    assertThat(percentiles.at(100)).hasValue(100);
  }

  @Test
  void isAlwaysAValueThatWasSeen() {
    Percentiles percentiles = Percentiles.of(List.of(30L, 10L, 20L));

    assertThat(percentiles.at(1)).hasValue(10);
    assertThat(percentiles.at(50)).hasValue(20);
    assertThat(percentiles.at(95)).hasValue(30);
  }

  @Test
  void hasNoPercentileOfNothing() {
    assertThat(Percentiles.of(List.of()).at(50)).isEmpty();
  }

  @Test
  void refusesPercentagesThatAreNone() {
    assertThatThrownBy(() -> Percentiles.of(List.of(1L)).at(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("percent is 0.0; it must be above 0 to 100");
  }
}
