package ai.falaj.jobs.bench.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.bench.dashboard.DashboardBenchmark.Round;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark, small: every page gets every chunk. Nothing here is about speed. */
@Timeout(120)
class DashboardBenchmarkIT {

  @TempDir Path directory;

  @Test
  void showsEveryChunkToEveryPage() throws Exception {
    DashboardLoad load = new DashboardLoad(4, 50, 5, 20, 0, 4, 1);

    BenchmarkReport<DashboardLoad, Round> report =
        new DashboardBenchmark(load, Path.of(System.getProperty("falaj.home")), directory)
            .run(line -> {});

    assertThat(report.rounds()).singleElement().extracting(Round::chunks).isEqualTo(200);
    assertThat(report.rounds().get(0).missing()).isZero();
    assertThat(report.rounds().get(0).p50()).isPositive();
  }
}
