package ai.falaj.jobs.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.llamacpp.LlamaCppSpec;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.NettyShuffleEnvironmentOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionJobTest {

  private static final RuntimeSpec SPEC = FakeRuntimeSpec.builder("fake").build();

  private static Configuration config() {
    return Configuration.fromMap(
        Map.of(
            "falaj.bootstrap.servers", "broker:9092",
            "falaj.schema-registry.url", "http://registry:8081"));
  }

  private static StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
  }

  @Test
  void everyOperatorHasAUid() {
    StreamExecutionEnvironment env = environment();
    CompletionJob.build(env, config(), SPEC);
    StreamGraph graph = env.getStreamGraph();

    assertThat(graph.getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .doesNotContainNull()
        .doesNotHaveDuplicates()
        .contains("prompts", "inference");
  }

  /** Flink derives the ids of operators from their uids: this is what a savepoint knows them by. */
  @Test
  void readsInfersAndWritesInOneChain() {
    StreamExecutionEnvironment env = environment();
    env.setParallelism(4);
    CompletionJob.build(env, config(), SPEC);
    JobGraph graph = env.getStreamGraph().getJobGraph();

    List<JobVertex> vertices = new ArrayList<>();
    graph.getVertices().forEach(vertices::add);
    assertThat(vertices).as(vertices.toString()).hasSize(1);
    assertThat(vertices.get(0).getName())
        .contains("falaj.prompts", "inference with fake")
        .contains("falaj.completions: Writer", "falaj.completions: Committer")
        .contains("falaj.dead-letters: Writer", "falaj.dead-letters: Committer")
        .contains("falaj.chunks: Writer");
  }

  /** Prompts that wait in an exchange must not hold up checkpoints. */
  @ParameterizedTest
  @CsvSource({
    "falaj.inference.result-order, key_ordered, false",
    "falaj.deduplication.time-to-live, 1 h, false",
    "falaj.prompts.distribution, balanced, true"
  })
  void exchangesPromptsWhereAnOptionNeedsIt(String option, String value, boolean adaptive) {
    StreamExecutionEnvironment env = environment();
    env.setParallelism(4);
    Configuration config = config();
    config.setString(option, value);
    CompletionJob.build(env, config, SPEC);

    List<JobVertex> vertices =
        env.getStreamGraph().getJobGraph().getVerticesSortedTopologicallyFromSources();
    assertThat(vertices).as(vertices.toString()).hasSize(2);
    assertThat(vertices.get(0).getName()).contains("falaj.prompts").doesNotContain("inference");
    assertThat(vertices.get(1).getName()).startsWith("inference").contains("falaj.chunks: Writer");
    ReadableConfig job = env.getConfiguration();
    assertThat(job.get(CheckpointingOptions.ENABLE_UNALIGNED)).isTrue();
    assertThat(job.get(NettyShuffleEnvironmentOptions.ADAPTIVE_PARTITIONER_ENABLED))
        .isEqualTo(adaptive);
  }

  @Test
  void whatTheUserSaysOfCheckpointsWins() {
    Configuration flink = new Configuration();
    flink.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
    Configuration config = config();
    config.set(CompletionOptions.PROMPTS_DISTRIBUTION, PromptDistribution.BALANCED);
    CompletionJob.build(env, config, SPEC);

    assertThat(env.getConfiguration().get(CheckpointingOptions.ENABLE_UNALIGNED)).isFalse();
  }

  @Test
  void takesCheckpointsReusesObjectsAndRefusesKryo() {
    StreamExecutionEnvironment env = environment();
    CompletionJob.build(env, config(), SPEC);

    assertThat(env.getCheckpointConfig().getCheckpointInterval()).isEqualTo(10_000);
    assertThat(env.getConfig().isObjectReuseEnabled()).isTrue();
    assertThat(env.getConfig().getSerializerConfig().hasGenericTypesDisabled()).isTrue();
  }

  @Test
  void addsNothingWhereAnOptionIsWrong() {
    StreamExecutionEnvironment env = environment();
    Configuration config = config();
    config.setString("falaj.inference.max-in-flight", "0");

    assertThatThrownBy(() -> CompletionJob.build(env, config, SPEC))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(env.getTransformations()).isEmpty();
  }

  @Test
  void argumentsMustNameAModel() {
    assertThatThrownBy(
            () ->
                CompletionJob.main(
                    new String[] {
                      "--falaj.bootstrap.servers", "broker:9092",
                      "--falaj.schema-registry.url", "http://registry:8081"
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "falaj.model is not set; set it, for example to smollm2-135m-instruct or"
                + " /models/my.gguf");
  }

  @Test
  void theOptionsNameTheRuntime() {
    Configuration config = config();
    config.set(CompletionOptions.MODEL, "/models/K2-Think-Q4_K_M.gguf");
    config.set(CompletionOptions.CONTEXT_TOKENS, 8192);
    config.set(CompletionOptions.MAX_SEQUENCES, 3);
    config.set(CompletionOptions.THREADS, 1);
    config.set(CompletionOptions.GPU_LAYERS, 12);

    LlamaCppSpec spec = (LlamaCppSpec) ModelSpecs.fromOptions(config);
    assertThat(spec.model()).isEqualTo("K2-Think-Q4_K_M");
    assertThat(spec.source()).isEqualTo("/models/K2-Think-Q4_K_M.gguf");
    assertThat(spec.contextTokensPerSequence()).isEqualTo(8192);
    assertThat(spec.maxSequences()).isEqualTo(3);
    assertThat(spec.threadsOrNull()).isEqualTo(1);
    assertThat(spec.gpuLayers()).hasValue(12);

    config.set(CompletionOptions.MODEL_NAME, "k2-think");
    assertThat(ModelSpecs.fromOptions(config).model()).isEqualTo("k2-think");
  }
}
