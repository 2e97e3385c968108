package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.routing.Route;
import ai.falaj.operators.routing.RouteChange;
import ai.falaj.operators.routing.RouteControl;
import ai.falaj.operators.routing.Routing;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A full inference behind routes that change: checkpoints go on, and hold prompts and routes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RoutedPromptsTest {

  private static final int PROMPTS = 300;
  private static final int MAX_IN_FLIGHT = 4;
  private static final int PARALLELISM = 2;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(2)
              .setNumberSlotsPerTaskManager(1)
              .build());

  /** Where the changes of routes come from. */
  interface Controls {
    DataStream<RouteControl> in(StreamExecutionEnvironment env);
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
      Configuration config,
      FakeRuntimeSpec k2,
      FakeRuntimeSpec canary,
      Controls controls,
      CommittedResults results)
      throws Exception {
    CatalogSpec catalog = new CatalogSpec(Map.of("k2", k2, "canary", canary), "k2");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(PARALLELISM);
    DataStream<PromptRecord> prompts =
        env.fromSequence(0, PROMPTS - 1)
            .uid("numbers")
            .map(RoutedPromptsTest::prompt)
            .returns(InferenceOutputs.PROMPT_TYPE)
            .uid("prompts")
            .keyBy(new PromptKeys(), PromptKeys.TYPE);
    Routing.controlled(
            prompts, controls.in(env), Map.of("k2", Route.parse("k2:1")), catalog.models())
        .transform(
            "inference",
            InferenceOutputs.COMPLETION_TYPE,
            new InferenceOperatorFactory(
                    catalog, InferenceOptions.DEFAULT.withMaxInFlight(MAX_IN_FLIGHT))
                .withUpstreamEmittingOnce())
        .uid("inference")
        .sinkTo(results)
        .uid("results");
    return env.executeAsync();
  }

  /** The first one of each subtask leaves the routes time to be there before it. */
  private static PromptRecord prompt(long number) throws InterruptedException {
    if (number % (PROMPTS / PARALLELISM) == 0) {
      TimeUnit.SECONDS.sleep(2);
    }
    PromptRequest request = Prompts.request("r" + number, ExchangedPromptsTest.LONG_WORD);
    request.setConversationId(null);
    request.setModel("k2");
    return Prompts.record("r" + number, "r" + number, request);
  }

  /** One change, from a source that has not ended, as that of a topic never has. */
  private static DataStream<RouteControl> endless(StreamExecutionEnvironment env) {
    return env.fromSequence(0, Long.MAX_VALUE)
        .setParallelism(1)
        .uid("ticks")
        .flatMap(RoutedPromptsTest::toCanaryAtFirst)
        .returns(Routing.CONTROL_TYPE)
        .setParallelism(1)
        .uid("endless-controls");
  }

  private static void toCanaryAtFirst(long tick, Collector<RouteControl> out)
      throws InterruptedException {
    if (tick == 0) {
      Route canary = Route.parse("canary:1");
      out.collect(
          new RouteControl.Change("k2", new RouteChange("k2", Optional.of(canary), 0, 1, 1)));
    } else {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static int received(RuntimeLease... leases) {
    int received = 0;
    for (RuntimeLease lease : leases) {
      received += ((FakeRuntime) lease.runtime()).received().size();
    }
    return received;
  }

  @Test
  void checkpointsCompleteWhileNoRequestEndsAndARestoreLosesNeitherPromptsNorRoutes(
      @InjectMiniCluster MiniCluster cluster, @TempDir Path checkpoints) throws Exception {
    Configuration config = configuration();
    config.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
    config.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    CommittedResults results = new CommittedResults("routed");
    FakeRuntimeSpec stuckK2 = FakeRuntimeSpec.builder("stuck-k2").drivenByTest().build();
    FakeRuntimeSpec stuckCanary = FakeRuntimeSpec.builder("stuck-canary").drivenByTest().build();
    String checkpoint;
    try (RuntimeLease k2 = SharedRuntimes.ofThisJvm().acquire(stuckK2);
        RuntimeLease canary = SharedRuntimes.ofThisJvm().acquire(stuckCanary)) {
      JobClient job = start(config, stuckK2, stuckCanary, RoutedPromptsTest::endless, results);
      while (received(k2, canary) < PARALLELISM * MAX_IN_FLIGHT) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      ExchangedPromptsTest.checkpoint(cluster, job);
      checkpoint = ExchangedPromptsTest.checkpoint(cluster, job);
      assertThat(received(k2, canary)).isEqualTo(PARALLELISM * MAX_IN_FLIGHT);
      job.cancel().get();
    }
    assertThat(results.values()).isEmpty();

    Configuration restored = configuration();
    // The last one is declined while only some of the tasks have ended, and asked for again.
    restored.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
    restored.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint);
    restored.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true); // of the ticks
    FakeRuntimeSpec runningK2 = FakeRuntimeSpec.builder("running-k2").maxSequences(16).build();
    FakeRuntimeSpec runningCanary =
        FakeRuntimeSpec.builder("running-canary").maxSequences(16).build();
    RouteControl nothing =
        new RouteControl.Refusal(Prompts.undecodable(ErrorCode.UNKNOWN_MODEL, "changes nothing"));
    try (RuntimeLease k2 = SharedRuntimes.ofThisJvm().acquire(runningK2);
        RuntimeLease canary = SharedRuntimes.ofThisJvm().acquire(runningCanary)) {
      Controls controls = env -> env.fromData(Routing.CONTROL_TYPE, nothing).uid("controls");
      start(restored, runningK2, runningCanary, controls, results).getJobExecutionResult().get();
      assertThat(received(k2, canary)).isEqualTo(PROMPTS);
      assertThat(received(canary)).as("by the route of the state").isGreaterThan(PROMPTS / 2);
    }
    assertThat(results.values())
        .extracting(value -> value.substring(0, value.indexOf('#')))
        .containsExactlyInAnyOrder(
            LongStream.range(0, PROMPTS).mapToObj(number -> "r" + number).toArray(String[]::new));
  }
}
