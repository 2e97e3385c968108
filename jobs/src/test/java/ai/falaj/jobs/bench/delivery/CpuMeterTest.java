package ai.falaj.jobs.bench.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuMeterTest {

  @Test
  void knowsThreadsByTheirNames() {
    assertThat(CpuMeter.partOf("Source: prompts -> map -> (completions: Writer, ...) (1/2)#0"))
        .isEqualTo("tasks");
    assertThat(CpuMeter.partOf("Source Data Fetcher for Source: prompts -> map (1/2)#0"))
        .isEqualTo("source fetchers");
    assertThat(CpuMeter.partOf("kafka-producer-network-thread | producer-1"))
        .isEqualTo("producers");
    assertThat(CpuMeter.partOf("falaj-paced-runtime")).isEqualTo("engine");
    assertThat(CpuMeter.partOf("main")).isEqualTo("other threads");
  }

  @Test
  void countsTheTimeOfThisProcess() {
    CpuMeter meter = CpuMeter.start(ProcessHandle.current().pid());
    long end = System.nanoTime() + 200_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }

    assertThat(meter.perRecord(1).values().stream().mapToDouble(Double::doubleValue).sum())
        .isGreaterThan(10_000);
  }
}
