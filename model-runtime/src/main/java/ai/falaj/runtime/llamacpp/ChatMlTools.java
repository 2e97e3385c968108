package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes tools, calls and their results into plain messages, as the chat template of Qwen2.5 and K2
 * Think does: tools in the system message, calls in the assistant's, results in the user's.
 * llama.cpp's own templates know nothing of tools. What the model answers is read by {@link
 * ai.falaj.runtime.text.ToolCallSplitter}; where it must call, {@link
 * ai.falaj.runtime.grammar.ToolCallGrammar} holds it to that. Stateless.
 */
final class ChatMlTools {

  private static final String SYSTEM = "system";

  private static final JsonMapper MAPPER = new JsonMapper();

  /** With the spaces that the models saw in their training. */
  private static final ObjectWriter WRITER = MAPPER.writer(new SpacedPrinter());

  private ChatMlTools() {}

  /** Whether a request needs more than plain messages. */
  static boolean areIn(GenerationRequest request) {
    return offered(request) || callsIn(request.prompt()) > 0;
  }

  /** Whether the model may answer with calls. */
  static boolean offered(GenerationRequest request) {
    return !request.tools().isEmpty() && !(request.toolChoice() instanceof ToolChoice.None);
  }

  /** Calls that the conversation holds. */
  static int callsIn(Prompt prompt) {
    return prompt instanceof Prompt.Chat chat
        ? chat.messages().stream().mapToInt(message -> message.toolCalls().size()).sum()
        : 0;
  }

  /**
   * The prompt in plain messages.
   *
   * @param speaksChatMl whether the model's template is one that this format belongs to
   * @throws GenerationException with {@link RuntimeErrorCode#UNSUPPORTED_PARAMETER}
   */
  static Prompt plain(GenerationRequest request, boolean speaksChatMl) throws GenerationException {
    if (!(request.prompt() instanceof Prompt.Chat chat) || !speaksChatMl) {
      throw unsupported(
          request,
          "tools can be offered to models with a ChatML template, in a conversation; send the request without them");
    }
    if (offered(request) && !request.output().equals(OutputFormat.TEXT)) {
      throw unsupported(
          request, "an answer of a given format cannot be a tool call; ask for one or the other");
    }
    List<ChatMessage> messages = withResults(chat.messages());
    return new Prompt.Chat(offered(request) ? withTools(messages, request.tools()) : messages);
  }

  /** Results that follow each other are one turn of the user. */
  private static List<ChatMessage> withResults(List<ChatMessage> messages) {
    List<ChatMessage> plain = new ArrayList<>();
    List<String> results = new ArrayList<>();
    for (ChatMessage message : messages) {
      if (message.toolCallId().isPresent()) {
        results.add("<tool_response>\n" + message.content() + "\n</tool_response>");
        continue;
      }
      addResults(results, plain);
      plain.add(
          message.toolCalls().isEmpty()
              ? message
              : new ChatMessage(message.role(), withCalls(message)));
    }
    addResults(results, plain);
    return plain;
  }

  private static void addResults(List<String> results, List<ChatMessage> plain) {
    if (!results.isEmpty()) {
      plain.add(new ChatMessage("user", String.join("\n", results)));
      results.clear();
    }
  }

  private static String withCalls(ChatMessage message) {
    List<String> parts = new ArrayList<>();
    if (!message.content().isEmpty()) {
      parts.add(message.content());
    }
    for (ToolCall call : message.toolCalls()) {
      ObjectNode json = MAPPER.createObjectNode().put("name", call.name());
      json.set("arguments", jsonOrText(call.arguments()));
      parts.add("<tool_call>\n" + written(json) + "\n</tool_call>");
    }
    return String.join("\n", parts);
  }

  private static List<ChatMessage> withTools(
      List<ChatMessage> messages, List<ToolDefinition> tools) {
    StringBuilder text = new StringBuilder();
    boolean hasSystem = !messages.isEmpty() && messages.get(0).role().equals(SYSTEM);
    if (hasSystem) {
      text.append(messages.get(0).content()).append("\n\n");
    }
    text.append("# Tools\n\nYou may call one or more functions to assist with the user query.\n\n")
        .append("You are provided with function signatures within <tools></tools> XML tags:\n")
        .append("<tools>");
    for (ToolDefinition tool : tools) {
      text.append('\n').append(written(signature(tool)));
    }
    text.append("\n</tools>\n\nFor each function call, return a json object with function name and")
        .append(" arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n")
        .append("{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>");
    List<ChatMessage> all = new ArrayList<>();
    all.add(new ChatMessage(SYSTEM, text.toString()));
    all.addAll(messages.subList(hasSystem ? 1 : 0, messages.size()));
    return all;
  }

  private static JsonNode signature(ToolDefinition tool) {
    ObjectNode function = MAPPER.createObjectNode().put("name", tool.name());
    if (!tool.description().isEmpty()) {
      function.put("description", tool.description());
    }
    function.set("parameters", jsonOrText(tool.parametersSchema()));
    ObjectNode signature = MAPPER.createObjectNode().put("type", "function");
    signature.set("function", function);
    return signature;
  }

  /** What the client or the model wrote as JSON, as a string where it is none. */
  private static JsonNode jsonOrText(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException noJson) {
      return JsonNodeFactory.instance.textNode(text);
    }
  }

  private static String written(JsonNode json) {
    try {
      return WRITER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }

  private static GenerationException unsupported(GenerationRequest request, String message) {
    return new GenerationException(
        request.requestId(), RuntimeErrorCode.UNSUPPORTED_PARAMETER, message);
  }

  /** One line, with a space after each comma and colon. */
  private static final class SpacedPrinter extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1L;

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(", ");
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(", ");
    }
  }
}
