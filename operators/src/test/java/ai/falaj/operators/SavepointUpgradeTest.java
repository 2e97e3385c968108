package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.Resumption;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Savepoints of each release restore in this one, and the job goes on. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SavepointUpgradeTest {

  private static final String WRITE = "falaj.savepoint.write";

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(1)
              .build());

  @Test
  void goesOnFromTheSavepointOfTheFirstRelease() throws Exception {
    Path savepoint = Path.of(getClass().getResource("/savepoints/0.1.0").toURI());
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("restored").drivenByTest().build();
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      FakeRuntime runtime = (FakeRuntime) lease.runtime();
      CommittedResults results = new CommittedResults("restored");
      JobClient job = SavepointJob.start(spec, true, Optional.of(savepoint), results);
      await(runtime, SavepointJob.PROMPTS - 1);
      assertThat(runtime.received())
          .extracting(request -> request.resumption().map(Resumption::tokens).orElse(0))
          .containsOnly(4);
      runtime.runUntilIdle();
      while (results.values().size() < SavepointJob.PROMPTS) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      job.cancel().get();
      List<String> resumed =
          IntStream.range(1, SavepointJob.PROMPTS).mapToObj(number -> "r" + number + "#2").toList();
      assertThat(results.values())
          .as("the first was answered before the savepoint, and its answer was kept")
          .contains("r0#1")
          .containsAll(resumed)
          .hasSize(SavepointJob.PROMPTS);
    }
  }

  /** Writes the fixture of a release, once: {@code -Dfalaj.savepoint.write=FOLDER}. */
  @Test
  @EnabledIfSystemProperty(named = WRITE, matches = ".+")
  void writesTheSavepointOfThisRelease(
      @InjectMiniCluster MiniCluster cluster, @TempDir Path directory) throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("written").maxSequences(16).drivenByTest().build();
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      FakeRuntime runtime = (FakeRuntime) lease.runtime();
      CommittedResults results = new CommittedResults("written");
      JobClient job = SavepointJob.start(spec, false, Optional.empty(), results);
      await(runtime, SavepointJob.PROMPTS);
      for (int step = 0; step < 4; step++) {
        runtime.step();
      }
      while (results.values().isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      String location =
          cluster
              .stopWithSavepoint(
                  job.getJobID(), directory.toString(), false, SavepointFormatType.CANONICAL)
              .get();
      FileUtils.copy(
          new org.apache.flink.core.fs.Path(location),
          new org.apache.flink.core.fs.Path(Path.of(System.getProperty(WRITE)).toUri()),
          false);
    }
  }

  private static void await(FakeRuntime runtime, int requests) throws InterruptedException {
    while (runtime.received().size() < requests) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
