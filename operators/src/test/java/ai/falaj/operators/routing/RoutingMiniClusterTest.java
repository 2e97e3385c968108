package ai.falaj.operators.routing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.Deduplication;
import ai.falaj.operators.InferenceOperatorFactory;
import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptKeys;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.operators.ShadowOperatorFactory;
import ai.falaj.operators.ShadowOptions;
import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.catalog.CatalogSpec;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Routing and a keyed inference in real tasks, in one chain. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RoutingMiniClusterTest {

  private static final int PROMPTS = 400;
  private static final int PARALLELISM = 2;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  private static final RuntimeSpec CATALOG =
      new CatalogSpec(
          Map.of(
              "k2", FakeRuntimeSpec.builder("routed-k2").build(),
              "canary", FakeRuntimeSpec.builder("routed-canary").build(),
              "big", FakeRuntimeSpec.builder("routed-big").hang("r7").build()),
          "k2");

  private static StreamExecutionEnvironment environment() {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.OBJECT_REUSE, true);
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(PARALLELISM);
    return env;
  }

  private static DataStream<RouteControl> controls(StreamExecutionEnvironment env) {
    return env.fromData(
        Routing.CONTROL_TYPE,
        new RouteControl.Refusal(Prompts.undecodable(ErrorCode.UNKNOWN_MODEL, "no such model")));
  }

  private static SingleOutputStreamOperator<PromptRecord> routed(StreamExecutionEnvironment env) {
    DataStream<PromptRecord> prompts =
        env.fromSequence(0, PROMPTS - 1)
            .map(
                number -> {
                  PromptRequest request = Prompts.request("r" + number, "prompt number " + number);
                  request.setConversationId(null);
                  request.setModel("k2");
                  return Prompts.record("r" + number, "r" + number, request);
                })
            .returns(InferenceOutputs.PROMPT_TYPE);
    return Routing.controlled(
        prompts.keyBy(new PromptKeys(), PromptKeys.TYPE),
        controls(env),
        Map.of("k2", Route.parse("k2:50,canary:50 shadow big:100")),
        CATALOG.models());
  }

  private static SingleOutputStreamOperator<OutputRecord<Completion>> infer(
      SingleOutputStreamOperator<PromptRecord> routed) {
    return DataStreamUtils.reinterpretAsKeyedStream(routed, new PromptKeys(), PromptKeys.TYPE)
        .transform(
            "inference",
            InferenceOutputs.COMPLETION_TYPE,
            new InferenceOperatorFactory(
                CATALOG,
                InferenceOptions.DEFAULT.withDeduplication(
                    new Deduplication(Duration.ofMinutes(1), false))))
        .uid("inference");
  }

  @Test
  void aKeyedInferenceIsChainedToTheRoutingAndNoInputLacksUnalignedCheckpoints() {
    StreamExecutionEnvironment env = environment();
    SingleOutputStreamOperator<PromptRecord> routed = routed(env);
    infer(routed).print();
    StreamGraph graph = env.getStreamGraph();
    int routing =
        graph.getStreamNodes().stream()
            .filter(node -> "routing".equals(node.getTransformationUID()))
            .findFirst()
            .orElseThrow()
            .getId();

    assertThat(graph.getStreamNode(routing).getInEdges())
        .hasSize(2)
        .allMatch(StreamEdge::supportsUnalignedCheckpoints);
    List<String> vertices = new ArrayList<>();
    for (JobVertex vertex : graph.getJobGraph().getVertices()) {
      vertices.add(vertex.getName());
    }
    assertThat(vertices).anyMatch(name -> name.contains("routing -> inference"));
  }

  @Test
  void routesShadowsAndDeadLettersInAKeyedJob() throws Exception {
    StreamExecutionEnvironment env = environment();
    SingleOutputStreamOperator<PromptRecord> routed = routed(env);
    SingleOutputStreamOperator<OutputRecord<Completion>> completions = infer(routed);
    SingleOutputStreamOperator<OutputRecord<Completion>> shadows =
        completions
            .getSideOutput(InferenceOutputs.SHADOWS)
            .transform(
                "shadow",
                InferenceOutputs.COMPLETION_TYPE,
                new ShadowOperatorFactory(
                    CATALOG,
                    InferenceOptions.DEFAULT,
                    new ShadowOptions(PROMPTS, Duration.ofSeconds(2))))
            .uid("shadow");
    CloseableIterator<OutputRecord<Completion>> answers = completions.collectAsync();
    CloseableIterator<OutputRecord<DeadLetter>> letters =
        completions.getSideOutput(InferenceOutputs.DEAD_LETTERS).collectAsync();
    CloseableIterator<OutputRecord<Completion>> copies = shadows.collectAsync();
    env.execute();

    Map<String, String> modelOf = new HashMap<>();
    answers.forEachRemaining(
        answer ->
            assertThat(
                    modelOf.put(
                        answer.value().getRequestId(), answer.value().getProvenance().getModel()))
                .isNull());
    assertThat(modelOf).hasSize(PROMPTS);
    assertThat(modelOf.values()).contains("k2", "canary").doesNotContain("big");
    List<ErrorCode> codes = new ArrayList<>();
    letters.forEachRemaining(letter -> codes.add(letter.value().getErrorCode()));
    assertThat(codes).as("once, of all subtasks").containsExactly(ErrorCode.UNKNOWN_MODEL);
    List<Completion> shadowed = new ArrayList<>();
    copies.forEachRemaining(copy -> shadowed.add(copy.value()));
    assertThat(shadowed).hasSize(PROMPTS - 1);
    assertThat(shadowed).extracting(c -> c.getProvenance().getModel()).containsOnly("big");
    assertThat(shadowed).extracting(Completion::getRequestId).as("hangs").doesNotContain("r7");
  }
}
