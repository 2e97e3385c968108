package ai.falaj.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuntimeStatsTest {

  private static final RuntimeStats SOME =
      new RuntimeStats(1, 2, 0.25, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

  @Test
  void twoRuntimesThatServeAsOneAddUp() {
    RuntimeStats other = new RuntimeStats(1, 1, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    assertThat(SOME.plus(other))
        .isEqualTo(new RuntimeStats(2, 3, 0.5, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    assertThat(SOME.plus(RuntimeStats.NONE)).isEqualTo(SOME);
    assertThat(RuntimeStats.NONE.plus(RuntimeStats.ofWaiting(3)).requestsWaiting()).isEqualTo(3);
  }

  @Test
  void aClosedRuntimeLeavesItsCountersAndNoGauges() {
    assertThat(SOME.counters())
        .isEqualTo(new RuntimeStats(0, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  }
}
