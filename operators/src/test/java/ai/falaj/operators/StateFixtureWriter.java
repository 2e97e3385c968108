package ai.falaj.operators;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ToolDefinition;
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
          .withConversations(ConversationOptions.truncating(Duration.ofDays(36_500), 1_000))
          .withTools(
              new ToolOptions(true, Duration.ofHours(1), 3, ToolOptions.OnTimeout.TELL_MODEL));

  /** As {@link #OPTIONS}, and a third turn of one word makes a summary due. */
  static final InferenceOptions SUMMARIZING =
      OPTIONS.withConversations(
          ConversationOptions.summarizing(
              Duration.ofDays(36_500), 50, new SummaryOptions("", 25, "sum up")));

  private StateFixtureWriter() {}

  public static void main(String[] args) throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("fixture").drivenByTest().build();
    try (OperatorFixture operator = OperatorFixture.keyed(spec, SUMMARIZING, 1, 0).open()) {
      for (String text : List.of("one", "two", "three")) {
        operator.process(turn(text, text), 1);
        operator.runToIdle();
      }
      operator.process(turn("four", "four"), 2);
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
