package ai.falaj.benchmarks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeapThirdsTest {

  @Test
  void comparesTheFirstWithTheLast() {
    HeapThirds thirds =
        HeapThirds.of(List.of(100L, 120L, 80L, 999L, 1L, 1L, 999L, 150L, 140L, 200L));

    assertThat(thirds.first()).isEqualTo(new HeapThirds.Range(80, 100, 120));
    assertThat(thirds.last()).isEqualTo(new HeapThirds.Range(140, 150, 200));
    assertThat(thirds.growth()).isEqualTo(1.5);
  }

  @Test
  void refusesTooFewMeasurements() {
    assertThatIllegalArgumentException().isThrownBy(() -> HeapThirds.of(List.of(1L, 2L)));
  }
}
