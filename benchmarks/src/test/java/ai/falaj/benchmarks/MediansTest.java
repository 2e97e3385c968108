package ai.falaj.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class MediansTest {

  @Test
  void takesTheMiddleOfAnOddNumber() {
    assertThat(Medians.of(DoubleStream.of(9, 1, 5))).isEqualTo(5);
  }

  @Test
  void takesTheMeanOfTheTwoInTheMiddleOfAnEvenNumber() {
    assertThat(Medians.of(DoubleStream.of(8, 1, 2, 100))).isEqualTo(5);
  }

  @Test
  void refusesNoValues() {
    assertThatThrownBy(() -> Medians.of(DoubleStream.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
