package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.shared.RuntimeLease;
import ai.falaj.runtime.shared.SharedRuntimes;
import ai.falaj.runtime.testing.FakeRuntime;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import ai.falaj.schemas.Completion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The operator in real tasks, with real mailboxes, timers and checkpoints. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InferenceMiniClusterTest {

  private static final int PROMPTS = 1_000;
  private static final int PARALLELISM = 2;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  private static StreamExecutionEnvironment environment() {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.OBJECT_REUSE, true);
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(PARALLELISM);
    return env;
  }

  private static SingleOutputStreamOperator<OutputRecord<Completion>> infer(
      StreamExecutionEnvironment env, FakeRuntimeSpec spec, InferenceOptions options) {
    return env.fromSequence(0, PROMPTS - 1)
        .map(number -> Prompts.record("r" + number, "prompt number " + number))
        .returns(InferenceOutputs.PROMPT_TYPE)
        .transform(
            "inference",
            InferenceOutputs.COMPLETION_TYPE,
            new InferenceOperatorFactory(spec, options))
        .uid("inference");
  }

  private static List<String> idsOf(CommittedResults results) {
    return results.values().stream().map(value -> value.substring(0, value.indexOf('#'))).toList();
  }

  private static String[] allIds() {
    return LongStream.range(0, PROMPTS).mapToObj(number -> "r" + number).toArray(String[]::new);
  }

  @Test
  void aThousandPromptsGiveAThousandResultsOfOneSharedRuntime() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("thousand")
            .maxSequences(16)
            .fail(new InjectedFailure("r7", 1, RuntimeErrorCode.ENGINE_FAILURE, 2))
            .fail(new InjectedFailure("r999", 1, RuntimeErrorCode.ENGINE_FAILURE, 0))
            .build();
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      StreamExecutionEnvironment env = environment();
      CommittedResults results = new CommittedResults("thousand");
      infer(env, spec, InferenceOptions.DEFAULT.withMaxInFlight(12)).sinkTo(results);
      env.execute();

      assertThat(idsOf(results)).containsExactlyInAnyOrder(allIds());
      assertThat(results.values()).contains("r7#2", "r999#2", "r500#1");
      FakeRuntime runtime = (FakeRuntime) lease.runtime();
      assertThat(runtime.received()).as("requests of both subtasks").hasSize(PROMPTS + 2);
      assertThat(runtime.maxInRuntime()).isBetween(2, PARALLELISM * 12);
      assertThat(runtime.isClosed()).isFalse();
    }
  }

  @Test
  void aJobThatFailsInTheMiddlePublishesEachResultOnce() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("failing").maxSequences(16).stepDelay(Duration.ofMillis(1)).build();
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      StreamExecutionEnvironment env = environment();
      CommittedResults results = new CommittedResults("failing");
      FailOnceAfterCheckpoint failure = new FailOnceAfterCheckpoint("failing", 20);
      infer(env, spec, InferenceOptions.DEFAULT.withMaxInFlight(12))
          .map(failure)
          .returns(InferenceOutputs.COMPLETION_TYPE)
          .sinkTo(results);
      env.execute();

      assertThat(failure.hasFailed()).isTrue();
      assertThat(idsOf(results)).containsExactlyInAnyOrder(allIds());
      assertThat(results.values())
          .as("requests that the checkpoint held")
          .anyMatch(value -> value.endsWith("#2"));
      assertThat(((FakeRuntime) lease.runtime()).received()).hasSizeGreaterThan(PROMPTS);
      assertThat(((FakeRuntime) lease.runtime()).isClosed()).as("closed by the restart").isFalse();
    }
  }

  @Test
  void cancellingTheJobTakesItsRequestsBackAndReleasesTheRuntime() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("cancelled").hang("r0").hang("r500").maxSequences(16).build();
    FakeRuntime runtime;
    try (RuntimeLease lease = SharedRuntimes.ofThisJvm().acquire(spec)) {
      runtime = (FakeRuntime) lease.runtime();
      StreamExecutionEnvironment env = environment();
      CommittedResults results = new CommittedResults("cancelled");
      infer(env, spec, InferenceOptions.DEFAULT.withMaxInFlight(4)).sinkTo(results);
      var job = env.executeAsync();
      while (runtime.received().size() < PROMPTS) {
        Thread.sleep(10);
      }
      job.cancel().get();
      while (runtime.stats().requestsRunning() > 0) {
        Thread.sleep(10);
      }
    }
    while (!runtime.isClosed()) {
      Thread.sleep(10);
    }
    assertThat(runtime.stats().requestsFailed()).isZero();
    assertThat(runtime.stats().requestsFinished()).isEqualTo(PROMPTS);
  }
}
