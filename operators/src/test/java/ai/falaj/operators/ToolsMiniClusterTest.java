package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.CalledTool;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolDefinition;
import ai.falaj.schemas.ToolOutcome;
import ai.falaj.schemas.ToolRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tools in a real task behind the network, where prompts and answers share one input. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ToolsMiniClusterTest {

  private static final int PROMPTS = 200;
  private static final int MAX_IN_FLIGHT = 2;
  private static final int MAX_PARKED = 5;

  /** More calls than in flight and parked requests: no answer comes before so many are open. */
  private static final int HELD_BACK = 20;

  private static final BlockingQueue<ToolRequest> ASKED = new LinkedBlockingQueue<>();
  private static final CountDownLatch ENOUGH_ASKED = new CountDownLatch(HELD_BACK);

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(3)
              .build());

  private static PromptRecord prompt(long number) {
    String id = "r" + number;
    PromptRequest request = Prompts.request(id, "call add {}");
    request.setTools(List.of(new ToolDefinition("add", "", "{}")));
    return Prompts.record(id, id, request);
  }

  /** Blocks its source's task, and no other, until there is something to answer. */
  private static final class Answering implements MapFunction<Long, PromptRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public PromptRecord map(Long number) throws InterruptedException {
      ENOUGH_ASKED.await();
      ToolRequest asked = ASKED.take();
      return Prompts.toolAnswer(
          asked.getRequestId(), asked.getRequestId(), asked.getToolRequestId(), "done");
    }
  }

  private static final class Asking
      implements MapFunction<OutputRecord<ToolRequest>, OutputRecord<ToolRequest>> {
    private static final long serialVersionUID = 1L;

    @Override
    public OutputRecord<ToolRequest> map(OutputRecord<ToolRequest> asked) {
      ASKED.add(asked.value());
      ENOUGH_ASKED.countDown();
      return asked;
    }
  }

  @Test
  void aFullOperatorStillReadsTheAnswersBehindItsPrompts() throws Exception {
    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(PipelineOptions.OBJECT_REUSE, true);
    config.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(1);
    DataStream<PromptRecord> prompts =
        env.fromSequence(0, PROMPTS - 1)
            .map(ToolsMiniClusterTest::prompt)
            .returns(InferenceOutputs.PROMPT_TYPE);
    DataStream<PromptRecord> answers =
        env.fromSequence(0, PROMPTS - 1)
            .map(new Answering())
            .returns(InferenceOutputs.PROMPT_TYPE)
            .slotSharingGroup("answers");
    SingleOutputStreamOperator<OutputRecord<Completion>> results =
        prompts
            .union(answers)
            .keyBy(new PromptKeys(), PromptKeys.TYPE)
            .transform(
                "inference",
                InferenceOutputs.COMPLETION_TYPE,
                new InferenceOperatorFactory(
                    FakeRuntimeSpec.builder("tools").build(),
                    InferenceOptions.DEFAULT
                        .withMaxInFlight(MAX_IN_FLIGHT)
                        .withMaxParked(MAX_PARKED)
                        .withTools(
                            new ToolOptions(
                                true, Duration.ofHours(1), 1, ToolOptions.OnTimeout.DEAD_LETTER))));
    results
        .getSideOutput(InferenceOutputs.TOOL_REQUESTS)
        .map(new Asking())
        .returns(InferenceOutputs.TOOL_REQUESTS.getTypeInfo())
        .sinkTo(new DiscardingSink<>());

    List<OutputRecord<Completion>> completions = results.executeAndCollect(PROMPTS + 1);

    assertThat(completions)
        .hasSize(PROMPTS)
        .allSatisfy(
            completion -> {
              assertThat(completion.value().getAnswer()).isEqualTo("You said: done");
              assertThat(completion.value().getToolCalls())
                  .extracting(CalledTool::getOutcome)
                  .containsExactly(ToolOutcome.ANSWERED);
            });
  }
}
