package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatMlToolsTest {

  private static final ToolDefinition ADD =
      new ToolDefinition("add", "adds", "{\"type\":\"object\",\"required\":[\"a\",\"b\"]}");

  private static GenerationRequest.Builder request(ChatMessage... messages) {
    return GenerationRequest.builder("r1", new Prompt.Chat(List.of(messages))).tools(List.of(ADD));
  }

  private static List<ChatMessage> plain(GenerationRequest request) throws GenerationException {
    return ((Prompt.Chat) ChatMlTools.plain(request, true)).messages();
  }

  @Test
  void listsToolsBehindTheSystemMessage() throws Exception {
    List<ChatMessage> messages =
        plain(
            request(new ChatMessage("system", "Be brief."), new ChatMessage("user", "1+2"))
                .build());

    assertThat(messages).extracting(ChatMessage::role).containsExactly("system", "user");
    assertThat(messages.get(0).content())
        .startsWith("Be brief.\n\n# Tools\n\n")
        .contains(
            "<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"add\", \"description\": \"adds\", \"parameters\": {\"type\": \"object\", \"required\": [\"a\", \"b\"]}}}\n</tools>")
        .endsWith("{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>");
  }

  @Test
  void writesASystemMessageWhereThereIsNone() throws Exception {
    assertThat(plain(request(new ChatMessage("user", "1+2")).build()).get(0).content())
        .startsWith("# Tools");
  }

  @Test
  void writesCallsAndTheirResultsAsTheTemplateDoes() throws Exception {
    List<ChatMessage> messages =
        plain(
            request(
                    new ChatMessage("user", "1+2, 3+4"),
                    ChatMessage.assistantCalling(
                        "Adding.",
                        List.of(
                            new ToolCall("call_0", "add", "{\"a\":1,\"b\":2}"),
                            new ToolCall("call_1", "add", "broken"))),
                    ChatMessage.toolResult("call_0", "3"),
                    ChatMessage.toolResult("call_1", "7"),
                    new ChatMessage("user", "and?"))
                .toolChoice(ToolChoice.NONE)
                .build());

    assertThat(messages)
        .containsExactly(
            new ChatMessage("user", "1+2, 3+4"),
            new ChatMessage(
                "assistant",
                "Adding.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}\n</tool_call>\n"
                    + "<tool_call>\n{\"name\": \"add\", \"arguments\": \"broken\"}\n</tool_call>"),
            new ChatMessage(
                "user",
                "<tool_response>\n3\n</tool_response>\n<tool_response>\n7\n</tool_response>"),
            new ChatMessage("user", "and?"));
  }

  @Test
  void plainConversationsAreNoneOfItsBusiness() {
    assertThat(
            ChatMlTools.areIn(GenerationRequest.builder("r1", new Prompt.Chat(List.of())).build()))
        .isFalse();
    assertThat(ChatMlTools.areIn(request().toolChoice(ToolChoice.NONE).build())).isFalse();
    assertThat(ChatMlTools.areIn(request().build())).isTrue();
  }

  @Test
  void refusesWhatTheFormatCannotSay() {
    ChatMessage user = new ChatMessage("user", "1+2");
    assertRefused(request(user).build(), false);
    assertRefused(request(user).output(new OutputFormat.JsonObject()).build(), true);
    assertRefused(
        GenerationRequest.builder("r1", new Prompt.Raw("1+2")).tools(List.of(ADD)).build(), true);
  }

  private static void assertRefused(GenerationRequest request, boolean speaksChatMl) {
    assertThatThrownBy(() -> ChatMlTools.plain(request, speaksChatMl))
        .isInstanceOfSatisfying(
            GenerationException.class,
            refusal ->
                assertThat(refusal.code()).isEqualTo(RuntimeErrorCode.UNSUPPORTED_PARAMETER));
  }
}
