package ai.falaj.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeStats;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BatchSeriesTest {

  @Test
  void samplesOncePerPeriod() {
    BatchSeries series = new BatchSeries("batch", () -> OptionalDouble.of(1));
    for (long ms = 5_000; ms < 6_000; ms += 10) {
      series.maybeSample(ms);
    }
    assertThat(series.values()).hasSize(10);
  }

  @Test
  void growsCoarserInsteadOfLonger() {
    BatchSeries series = new BatchSeries("batch", () -> OptionalDouble.of(3));
    for (long ms = 0; ms < 600_000; ms += 50) {
      series.maybeSample(ms);
    }
    assertThat(series.values()).hasSizeBetween(512, 1_024).containsOnly(3.0);
    assertThat(series.periodMs() * series.values().size()).isBetween(590_000L, 610_000L);
  }

  @Test
  void takesTheMeanBatchOfTheStepsSinceTheLastSample() {
    AtomicReference<RuntimeStats> stats = new AtomicReference<>(stats(0, 10, 40));
    BatchSeries series = BatchSamplers.ofRuntime(stats::get);

    stats.set(stats(5, 14, 60));
    series.maybeSample(0);
    series.maybeSample(100);
    stats.set(stats(0, 14, 60));
    series.maybeSample(200);

    assertThat(series.values()).as("long step keeps its batch").containsExactly(5.0, 5.0, 0.0);
  }

  private static RuntimeStats stats(int running, long steps, long stepSequences) {
    return new RuntimeStats(0, running, 0, 0, 0, 0, 0, 0, 0, steps, stepSequences, 0, 0, 0, 0, 0);
  }
}
