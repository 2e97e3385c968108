package ai.falaj.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@link RecordsOfVersion2} with every field of version 5 set too, and records of the topics that
 * it added. The files in {@code src/test/resources/schemas/v5} hold the same records: leave these
 * values and set no later field, so that those files still read as equal to them.
 */
public final class RecordsOfVersion5 {

  private RecordsOfVersion5() {}

  public static PromptRequest prompt() {
    List<ChatMessage> turns = new ArrayList<>(RecordsOfVersion2.prompt().getMessages());
    turns.add(
        new ChatMessage(
            "assistant",
            "",
            List.of(new ToolCall("call_0", "water_level", "{\"canal\":\"الداودي\"}")),
            null));
    turns.add(new ChatMessage("tool", "1.4", List.of(), "call_0"));
    return PromptRequest.newBuilder(RecordsOfVersion2.prompt())
        .setMessages(turns)
        .setTools(
            List.of(
                new ToolDefinition(
                    "water_level", "منسوب المياه", "{\"type\":\"object\",\"properties\":{}}")))
        .setToolChoice("water_level")
        .build();
  }

  public static CompletionChunk chunk() {
    return CompletionChunk.newBuilder(RecordsOfVersion4.chunk()).setFollowsAttempt(1).build();
  }

  public static Completion completion() {
    return Completion.newBuilder(RecordsOfVersion2.completion())
        .setToolCalls(
            List.of(new CalledTool(1, "call_0", "water_level", "{}", ToolOutcome.ANSWERED)))
        .build();
  }

  public static DeadLetter deadLetter() {
    return DeadLetter.newBuilder(RecordsOfVersion3.deadLetter())
        .setErrorCode(ErrorCode.TOOL_TIMEOUT)
        .build();
  }

  public static ToolRequest toolRequest() {
    return ToolRequest.newBuilder()
        .setToolRequestId("r1/1/0-0a1b2c3d")
        .setRequestId("r1")
        .setConversationId("c1")
        .setTenant("t1")
        .setKey(ByteBuffer.wrap("c1".getBytes(StandardCharsets.UTF_8)))
        .setRound(1)
        .setCallId("call_0")
        .setName("water_level")
        .setArguments("{\"canal\":\"الداودي\"}")
        .setMetadata(Map.of("team", "water"))
        .setAnswerUntil(Records.NOON.plusSeconds(60))
        .setCreatedAt(Records.NOON)
        .build();
  }

  public static ToolResponse toolResponse() {
    return ToolResponse.newBuilder()
        .setToolRequestId("r1/1/0-0a1b2c3d")
        .setRequestId("r1")
        .setContent("{\"metres\":1.4}")
        .setIsError(true)
        .setCreatedAt(Records.NOON)
        .build();
  }
}
