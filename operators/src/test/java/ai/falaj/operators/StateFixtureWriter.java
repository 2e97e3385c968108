package ai.falaj.operators;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolDefinition;
import ai.falaj.schemas.ToolRequest;
import java.time.Duration;
import java.util.List;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;

/**
 * Writes the state that {@link InferenceOperatorCheckpointTest} restores: run it once per layout of
 * the state, commit the file, and never write one again. The argument is the file.
 */
public final class StateFixtureWriter {

  static final InferenceOptions OPTIONS =
      InferenceOptions.DEFAULT
          .withConversations(new ConversationOptions(Duration.ofDays(36_500), 1_000))
          .withTools(
              new ToolOptions(true, Duration.ofHours(1), 3, ToolOptions.OnTimeout.TELL_MODEL));

  private StateFixtureWriter() {}

  public static void main(String[] args) throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("fixture").drivenByTest().build();
    try (OperatorFixture operator = OperatorFixture.keyed(spec, OPTIONS, 1, 0).open()) {
      operator.process(turn("r1", "one"), 1);
      operator.runToIdle();
      operator.process(turn("r2", "call add {}; sub {}"), 2);
      operator.process(turn("r3", "three"), 3);
      operator.runToIdle();
      operator.process(Prompts.toolAnswer("k", "r2", "r2/1/0-00000000", "nobody asked"));
      ToolRequest add = operator.sideOutput(InferenceOutputs.TOOL_REQUESTS).get(0).value();
      operator.process(Prompts.toolAnswer("k", "r2", add.getToolRequestId(), "plus"));
      OperatorSnapshotUtil.writeStateHandle(operator.harness().snapshot(1, 1), args[0]);
    }
  }

  private static PromptRecord turn(String requestId, String text) {
    PromptRequest request = Prompts.request(requestId, text);
    request.setConversationId("c");
    request.setTools(
        List.of(new ToolDefinition("add", "", "{}"), new ToolDefinition("sub", "", "{}")));
    return Prompts.record("k", requestId, request);
  }
}
