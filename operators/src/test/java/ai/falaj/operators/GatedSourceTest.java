package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A full operator stops its source, and nothing else. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GatedSourceTest {

  private static final int MAX_IN_FLIGHT = 4;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(1)
              .build());

  private static JobClient start(FakeRuntimeSpec spec, long prompts) throws Exception {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1));
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(1);
    env.fromSource(
            new GatedSource<>(new NumberSequenceSource(0, prompts - 1)),
            WatermarkStrategy.noWatermarks(),
            "numbers",
            Types.LONG)
        .map(number -> Prompts.record("r" + number, "prompt"))
        .returns(InferenceOutputs.PROMPT_TYPE)
        .transform(
            "inference",
            InferenceOutputs.COMPLETION_TYPE,
            new InferenceOperatorFactory(
                spec, InferenceOptions.DEFAULT.withMaxInFlight(MAX_IN_FLIGHT)))
        .sinkTo(new DiscardingSink<>());
    return env.executeAsync();
  }

  @Test
  void checkpointsCompleteWhileNoRequestEnds(@InjectMiniCluster MiniCluster cluster)
      throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("full").drivenByTest().build();
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      FakeRuntime runtime = (FakeRuntime) lease.runtime();
      JobClient job = start(spec, 1_000);
      awaitReceived(runtime, MAX_IN_FLIGHT);
      JobID id = job.getJobID();
      for (int checkpoint = 0; checkpoint < 3; checkpoint++) {
        CompletableFuture<String> done = cluster.triggerCheckpoint(id);
        assertThat(done).succeedsWithin(Duration.ofSeconds(10));
      }
      assertThat(runtime.received()).hasSize(MAX_IN_FLIGHT);
      job.cancel().get();
    }
  }

  @Test
  void readsOnWhenThereIsRoomAgain() throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("drained").maxSequences(MAX_IN_FLIGHT).build();
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      FakeRuntime runtime = (FakeRuntime) lease.runtime();
      JobClient job = start(spec, 500);
      job.getJobExecutionResult().get();
      assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.FINISHED);
      assertThat(runtime.received()).hasSize(500);
      assertThat(runtime.maxInRuntime()).isLessThanOrEqualTo(MAX_IN_FLIGHT);
    }
  }

  @Test
  void stopsForAnyFullOperatorOfItsTask() {
    CapacityGate first = new CapacityGate();
    CapacityGate second = new CapacityGate();
    first.install();
    second.install();
    try {
      GatedSourceReader<Long, ?> reader = new GatedSourceReader<>(new EndlessReader());
      reader.start();
      assertThat(first.isWatched() && second.isWatched()).isTrue();
      assertThat(reader.isAvailable()).isDone();
      first.setOpen(false);
      assertThat(reader.isAvailable()).isNotDone();
      second.setOpen(false);
      first.setOpen(true);
      assertThat(reader.isAvailable()).isNotDone();
      second.setOpen(true);
      assertThat(reader.isAvailable()).isDone();
    } finally {
      first.uninstall();
      second.uninstall();
    }
    assertThat(CapacityGate.ofThisTask()).isEmpty();
  }

  private static void awaitReceived(FakeRuntime runtime, int count) throws InterruptedException {
    while (runtime.received().size() < count) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Has something at any time. */
  private static final class EndlessReader implements SourceReader<Long, SourceSplit> {
    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<Long> output) {
      return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public List<SourceSplit> snapshotState(long checkpointId) {
      return List.of();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void addSplits(List<SourceSplit> splits) {}

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
  }
}
