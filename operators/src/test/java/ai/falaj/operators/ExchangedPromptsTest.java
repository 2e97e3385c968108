package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.StreamFlatMap;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A full operator behind the network: checkpoints go on, and nothing is lost by them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ExchangedPromptsTest {

  private static final int PROMPTS = 300;
  private static final int MAX_IN_FLIGHT = 4;
  private static final int PARALLELISM = 2;

  /** How prompts go from the source's subtasks to the operator's. */
  interface Exchange {
    DataStream<PromptRecord> apply(DataStream<PromptRecord> prompts);
  }

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(2)
              .setNumberSlotsPerTaskManager(1)
              .build());

  static List<Named<Exchange>> exchanges() {
    return List.of(
        Named.of("keyed", prompts -> prompts.keyBy(new PromptKeys(), PromptKeys.TYPE)),
        Named.of("balanced", BalancedPrompts::of));
  }

  private static Configuration configuration() {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofHours(1));
    config.set(CheckpointingOptions.ENABLE_UNALIGNED, true);
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    return config;
  }

  private static JobClient start(
      Configuration config, FakeRuntimeSpec spec, Exchange exchange, CommittedResults results)
      throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(PARALLELISM);
    DataStream<PromptRecord> prompts =
        env.fromSequence(0, PROMPTS - 1)
            .uid("numbers")
            .map(number -> Prompts.record("r" + number, "prompt"))
            .returns(InferenceOutputs.PROMPT_TYPE)
            .uid("prompts");
    exchange
        .apply(prompts)
        .transform(
            "inference",
            InferenceOutputs.COMPLETION_TYPE,
            new InferenceOperatorFactory(
                spec, InferenceOptions.DEFAULT.withMaxInFlight(MAX_IN_FLIGHT)))
        .uid("inference")
        .sinkTo(results)
        .uid("results");
    return env.executeAsync();
  }

  private static void awaitReceived(FakeRuntime runtime, int count) throws InterruptedException {
    while (runtime.received().size() < count) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  void checkpointsCompleteWhileNoRequestEndsAndLoseNone(
      Exchange exchange, @InjectMiniCluster MiniCluster cluster, @TempDir Path checkpoints)
      throws Exception {
    FakeRuntimeSpec stuck = FakeRuntimeSpec.builder("stuck").drivenByTest().build();
    Configuration config = configuration();
    config.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
    config.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    CommittedResults results = new CommittedResults("exchanged");
    String checkpoint;
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(stuck)) {
      JobClient job = start(config, stuck, exchange, results);
      awaitReceived((FakeRuntime) lease.runtime(), PARALLELISM * MAX_IN_FLIGHT);
      JobID id = job.getJobID();
      assertThat(cluster.triggerCheckpoint(id)).succeedsWithin(Duration.ofSeconds(20));
      checkpoint = cluster.triggerCheckpoint(id).get(20, TimeUnit.SECONDS);
      assertThat(((FakeRuntime) lease.runtime()).received()).hasSize(PARALLELISM * MAX_IN_FLIGHT);
      job.cancel().get();
    }
    assertThat(results.values()).isEmpty();

    Configuration restored = configuration();
    restored.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint);
    FakeRuntimeSpec running = FakeRuntimeSpec.builder("running").maxSequences(16).build();
    start(restored, running, exchange, results).getJobExecutionResult().get();

    assertThat(results.values())
        .extracting(value -> value.substring(0, value.indexOf('#')))
        .containsExactlyInAnyOrder(
            LongStream.range(0, PROMPTS).mapToObj(number -> "r" + number).toArray(String[]::new));
  }

  @Test
  void aCancellationReachesItsRequestInWhateverSubtask() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("reached")
            .maxSequences(16)
            .stepDelay(Duration.ofMillis(20))
            .build();
    Configuration config = configuration();
    config.removeConfig(CheckpointingOptions.CHECKPOINTING_INTERVAL);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(PARALLELISM);
    String text = "word ".repeat(500);
    DataStream<PromptRecord> prompts =
        env.fromSequence(0, 19)
            .setParallelism(1)
            .map(
                number ->
                    number < 10
                        ? Prompts.record("r" + number, text)
                        : Prompts.cancellation("r" + (number - 10)))
            .returns(InferenceOutputs.PROMPT_TYPE)
            .setParallelism(1);
    List<OutputRecord<Completion>> results =
        BalancedPrompts.of(prompts)
            .transform(
                "inference",
                InferenceOutputs.COMPLETION_TYPE,
                new InferenceOperatorFactory(spec, InferenceOptions.DEFAULT))
            .executeAndCollect(PROMPTS);
    assertThat(results)
        .hasSize(10)
        .extracting(result -> result.value().getFinishReason())
        .containsOnly(FinishReason.CANCELLED);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 128})
  void everySubtaskOwnsACopyOfACancellation(int maxParallelism) throws Exception {
    var harness =
        new OneInputStreamOperatorTestHarness<PromptRecord, PromptRecord>(
            new StreamFlatMap<>(new BalancedPrompts.CopyForEachKeyGroup()), maxParallelism, 1, 0);
    try (harness) {
      harness.setup(InferenceOutputs.PROMPT_TYPE.createSerializer(new SerializerConfigImpl()));
      harness.open();
      harness.processElement(new StreamRecord<>(Prompts.cancellation("k")));
      harness.processElement(new StreamRecord<>(Prompts.record("r", "no cancellation")));
      assertThat(harness.extractOutputValues())
          .extracting(
              record ->
                  KeyGroupRangeAssignment.assignToKeyGroup(
                      ((PromptRecord.Cancellation) record.content()).copy().orElseThrow(),
                      maxParallelism))
          .hasSize(maxParallelism)
          .doesNotHaveDuplicates();
    }
  }
}
