package ai.falaj.operators.reasoning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.InferenceOptions;
import ai.falaj.operators.InferenceOutputs;
import ai.falaj.operators.OutputRecord;
import ai.falaj.operators.PromptRecord;
import ai.falaj.operators.Prompts;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.testing.ScriptedReply;
import ai.falaj.runtime.testing.ScriptedRuntimeSpec;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningTrace;
import ai.falaj.schemas.SamplingParameters;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The stages in real tasks, with exchanges, checkpoints and a failure in between. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReasoningMiniClusterTest {

  private static final int PROBLEMS = 200;

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
    env.setParallelism(2);
    return env;
  }

  private static PromptRecord problem(long number) {
    String id = "r" + number;
    PromptRequest request = Prompts.request(id, "question " + number);
    request.setSampling(SamplingParameters.newBuilder().setSeed(RecipeScript.SEED).build());
    return Prompts.record(id, id, request);
  }

  /** Every problem is hard, and its second candidate wins. */
  private static ScriptedReply reply(GenerationRequest request) {
    RecipeScript script = RecipeScript.hard().prefers(1);
    String id = request.requestId();
    return id.endsWith("#topics") || id.endsWith("#plan")
        ? script.planner(request)
        : id.contains("#judge") ? script.judge(request) : script.solver(request);
  }

  @Test
  void aJobThatFailsInTheMiddleGivesEachProblemOneAnswer() throws Exception {
    ScriptedRuntimeSpec spec =
        ScriptedRuntimeSpec.of("failing-reasoning", ReasoningMiniClusterTest::reply);
    StreamExecutionEnvironment env = environment();
    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromSequence(0, PROBLEMS - 1)
                .map(
                    number -> {
                      Thread.sleep(
                          20); // so that answers come before, between and after checkpoints
                      return problem(number);
                    })
                .returns(InferenceOutputs.PROMPT_TYPE),
            ReasoningModels.of(spec, InferenceOptions.DEFAULT.withMaxInFlight(16)),
            ReasoningOptions.DEFAULT);
    CommittedAnswers<Completion> answers = new CommittedAnswers<>("failing-completions");
    CommittedAnswers<ReasoningTrace> traces = new CommittedAnswers<>("failing-traces");
    CommittedAnswers<DeadLetter> letters = new CommittedAnswers<>("failing-letters");
    FailOnce failure = new FailOnce();
    streams.completions().map(failure).returns(InferenceOutputs.COMPLETION_TYPE).sinkTo(answers);
    streams.traces().sinkTo(traces);
    streams.deadLetters().sinkTo(letters);
    env.execute();

    assertThat(FailOnce.FAILED).isNotEmpty();
    assertThat(answers.keys()).hasSize(PROBLEMS).doesNotHaveDuplicates();
    assertThat(traces.keys()).containsExactlyInAnyOrderElementsOf(answers.keys());
    assertThat(letters.keys()).isEmpty();
    assertThat(answers.<Completion>values())
        .allMatch(completion -> completion.getAnswer().equals("answer 1"));
  }

  @Test
  void everyOperatorHasAUidAndNoTwoInferencesShareAChain() {
    StreamExecutionEnvironment env = environment();
    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromSequence(0, 1)
                .map(ReasoningMiniClusterTest::problem)
                .returns(InferenceOutputs.PROMPT_TYPE)
                .uid("problems"),
            ReasoningModels.of(
                ScriptedRuntimeSpec.of("graph", request -> reply(request)),
                InferenceOptions.DEFAULT),
            ReasoningOptions.DEFAULT);
    streams.completions().sinkTo(new CommittedAnswers<>("graph")).uid("answers");

    StreamGraph graph = env.getStreamGraph();
    assertThat(graph.getStreamNodes())
        .filteredOn(node -> !node.getOperatorName().contains("Sequence"))
        .extracting(StreamNode::getTransformationUID)
        .doesNotContainNull();
    graph
        .getJobGraph()
        .getVertices()
        .forEach(
            vertex -> {
              assertThat(vertex.getName().split(" with graph", -1)).hasSizeLessThanOrEqualTo(2);
              if (vertex.getName().contains(" with graph")) {
                assertThat(vertex.getName()).matches("(topics|plan|solve|judge-[12]) with graph.*");
              }
            });
  }

  @Test
  void aCancellationEndsTheProblemWhereverItIs() throws Exception {
    ScriptedRuntimeSpec spec =
        ScriptedRuntimeSpec.of(
            "cancelled-reasoning",
            request ->
                request.requestId().startsWith("r1#") && request.requestId().contains("/")
                    ? new ScriptedReply.Silence()
                    : reply(request));
    StreamExecutionEnvironment env = environment();
    CollectedRecords<Completion> completions =
        new CollectedRecords<>("cancelled", Completion.class);
    CollectedRecords<ReasoningTrace> traces =
        new CollectedRecords<>("cancelled", ReasoningTrace.class);
    ReasoningPipeline.Streams streams =
        ReasoningPipeline.connect(
            env.fromSequence(0, 2)
                .setParallelism(1)
                .map(
                    number -> {
                      while (number == 2 && solverCalls(spec) < 6) {
                        Thread.sleep(10);
                      }
                      return number == 2 ? Prompts.cancellation("r1") : problem(number);
                    })
                .returns(InferenceOutputs.PROMPT_TYPE)
                .setParallelism(1),
            ReasoningModels.of(spec, InferenceOptions.DEFAULT),
            ReasoningOptions.DEFAULT);
    streams.completions().sinkTo(completions);
    streams.traces().sinkTo(traces);
    env.execute();

    assertThat(completions.values())
        .extracting(completion -> completion.getRequestId() + " " + completion.getFinishReason())
        .containsExactlyInAnyOrder("r0 STOP", "r1 CANCELLED");
    assertThat(traces.values())
        .extracting(trace -> trace.getRequestId() + " " + trace.getOutcome())
        .containsExactlyInAnyOrder("r0 ANSWERED", "r1 CANCELLED");
  }

  private static long solverCalls(ScriptedRuntimeSpec spec) {
    return spec.received().stream().filter(call -> call.requestId().contains("/")).count();
  }

  /** Fails the job once, some answers after a complete checkpoint. */
  private static final class FailOnce
      extends RichMapFunction<OutputRecord<Completion>, OutputRecord<Completion>>
      implements CheckpointListener {

    private static final long serialVersionUID = 1L;
    static final Set<String> FAILED = ConcurrentHashMap.newKeySet();

    private transient boolean checkpointed;
    private transient int answers;

    @Override
    public OutputRecord<Completion> map(OutputRecord<Completion> answer) {
      if (checkpointed && ++answers > 3 && FAILED.add("once")) {
        throw new IllegalStateException("failed by the test");
      }
      return answer;
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      checkpointed = true;
    }
  }
}
