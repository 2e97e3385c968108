package ai.falaj.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.report.BenchmarkReport;
import ai.falaj.jobs.bench.DistributionBenchmark.Round;
import ai.falaj.jobs.cluster.ClusterOptions;
import ai.falaj.jobs.cluster.ClusterOptions.TaskManagerSize;
import ai.falaj.jobs.cluster.ProcessCluster;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The benchmark, small: prompts find their way to all TaskManagers whichever way they are dealt.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class DistributionBenchmarkIT {

  @TempDir Path directory;

  @Test
  void answersAllPromptsInEachWay() throws Exception {
    DistributionLoad load = new DistributionLoad(60, 1, 20, 2, 4, 200, 8, 1, 1);
    ClusterOptions options =
        ClusterOptions.in(
                Path.of(System.getProperty("falaj.home")),
                directory.resolve("data"),
                directory.resolve("logs"))
            .withTopics(DistributionBenchmark.topics(load), 2)
            .withTaskManagers(load.taskManagers(), TaskManagerSize.SMALL);
    BenchmarkReport<DistributionLoad, Round> report;
    try (ProcessCluster cluster = ProcessCluster.start(options)) {
      report = new DistributionBenchmark(load, cluster).run(line -> {});
    }

    assertThat(report.rounds())
        .extracting(Round::variant)
        .containsExactly("by partition", "round robin", "adaptive");
    assertThat(report.rounds()).extracting(Round::tokens).containsOnly(tokens(report));
    assertThat(report.rounds().get(0).share())
        .as("of two engines, when all prompts are in one partition")
        .isBetween(0.1, 0.5);
    assertThat(report.rounds().get(2).share()).isGreaterThan(report.rounds().get(0).share());
  }

  private static long tokens(BenchmarkReport<DistributionLoad, Round> report) {
    return report.rounds().get(0).tokens();
  }
}
