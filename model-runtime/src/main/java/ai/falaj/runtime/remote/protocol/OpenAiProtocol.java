package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.util.OptionalInt;

/**
 * OpenAI's chat completions, which vLLM, SGLang, llama-server, Cerebras, DeepSeek, Mistral and
 * Ollama speak in dialects of their own.
 */
final class OpenAiProtocol implements WireProtocol {

  private static final String CONTENT = "content";
  private static final String SCHEMA_NAME = "answer";

  private final Dialect dialect;
  private final Sampling sampling;
  private final OpenAiContinuation continuation;

  OpenAiProtocol(Dialect dialect) {
    this.dialect = dialect;
    this.sampling = new Sampling(dialect);
    this.continuation = new OpenAiContinuation(dialect);
  }

  @Override
  public String path(WireCall call) {
    return continuation.path(call);
  }

  @Override
  public void authorize(HttpRequest.Builder request, String key) {
    if (!key.isEmpty()) {
      request.setHeader("Authorization", "Bearer " + key);
    }
  }

  @Override
  public StreamDecoder decoder() {
    return new OpenAiDecoder();
  }

  @Override
  public byte[] body(WireCall call) throws WireException {
    GenerationRequest request = call.request();
    ObjectNode body = call.extra().deepCopy();
    body.put("model", call.model());
    writeMessages(request, body.putArray("messages"));
    body.put("stream", true);
    if (dialect.has(Feature.USAGE_ON_REQUEST)) {
      body.putObject("stream_options").put("include_usage", true);
    }
    if (call.samples() > 1) {
      body.put("n", call.samples());
    }
    sampling.write(call, body);
    writeOutput(request.output(), body);
    writeTools(request, body);
    writeReasoningBudget(request.reasoningBudgetTokens(), body);
    if (call.begun().isPresent()) {
      continuation.write(request, call.begun().get(), body);
    }
    return Json.bytes(body);
  }

  private void writeMessages(GenerationRequest request, ArrayNode messages) throws WireException {
    if (!(request.prompt() instanceof Prompt.Chat chat)) {
      throw Sampling.unsupported(
          "this server takes conversations only; send messages in place of raw text or tokens");
    }
    for (ChatMessage message : chat.messages()) {
      ObjectNode node = messages.addObject().put("role", message.role());
      if (message.content().isEmpty() && !message.toolCalls().isEmpty()) {
        node.putNull(CONTENT);
      } else {
        node.put(CONTENT, message.content());
      }
      message.toolCallId().ifPresent(id -> node.put("tool_call_id", id));
      if (!message.toolCalls().isEmpty()) {
        ArrayNode calls = node.putArray("tool_calls");
        message.toolCalls().forEach(call -> writeCall(call, calls.addObject()));
      }
    }
  }

  private static void writeCall(ToolCall call, ObjectNode node) {
    node.put("id", call.id()).put("type", "function");
    node.putObject("function").put("name", call.name()).put("arguments", call.arguments());
  }

  private void writeOutput(OutputFormat output, ObjectNode body) throws WireException {
    if (output instanceof OutputFormat.JsonObject) {
      sampling.require(Feature.JSON_OBJECT, "the format json_object");
      body.putObject("response_format").put("type", "json_object");
    } else if (output instanceof OutputFormat.JsonSchema schema) {
      sampling.require(Feature.JSON_SCHEMA, "the format json_schema");
      ObjectNode format = body.putObject("response_format").put("type", "json_schema");
      format
          .putObject("json_schema")
          .put("name", SCHEMA_NAME)
          .put("strict", true)
          .set("schema", Json.parameter(schema.schema(), "the schema of the answer"));
    } else if (output instanceof OutputFormat.Regex regex) {
      if (dialect.has(Feature.REGEX)) {
        body.put("regex", regex.pattern());
      } else {
        sampling.require(Feature.STRUCTURED_OUTPUTS, "regular expressions");
        body.putObject("structured_outputs").put("regex", regex.pattern());
      }
    } else if (output instanceof OutputFormat.Choice choice) {
      sampling.require(Feature.STRUCTURED_OUTPUTS, "choices");
      ArrayNode choices = body.putObject("structured_outputs").putArray("choice");
      choice.choices().forEach(choices::add);
    }
  }

  private void writeReasoningBudget(OptionalInt budget, ObjectNode body) throws WireException {
    if (budget.isEmpty()) {
      return;
    }
    if (dialect.reasoningBudgetField().isEmpty()) {
      throw Sampling.unsupported("this server knows no budget for reasoning; leave it out");
    }
    body.put(dialect.reasoningBudgetField(), budget.getAsInt());
  }

  private void writeTools(GenerationRequest request, ObjectNode body) throws WireException {
    if (request.tools().isEmpty()) {
      return;
    }
    sampling.require(Feature.TOOLS, "tools");
    ArrayNode tools = body.putArray("tools");
    for (ToolDefinition tool : request.tools()) {
      ObjectNode function =
          tools.addObject().put("type", "function").putObject("function").put("name", tool.name());
      if (!tool.description().isEmpty()) {
        function.put("description", tool.description());
      }
      function.set(
          "parameters",
          Json.parameter(tool.parametersSchema(), "the schema of tool " + tool.name()));
    }
    writeToolChoice(request.toolChoice(), body);
  }

  private void writeToolChoice(ToolChoice choice, ObjectNode body) throws WireException {
    if (choice instanceof ToolChoice.None) {
      body.put("tool_choice", "none");
    } else if (choice instanceof ToolChoice.Required) {
      sampling.require(Feature.TOOL_CHOICE, "a required tool call");
      body.put("tool_choice", dialect.requiredToolChoice());
    } else if (choice instanceof ToolChoice.Named named) {
      sampling.require(Feature.TOOL_CHOICE, "a named tool call");
      ObjectNode node = body.putObject("tool_choice").put("type", "function");
      node.putObject("function").put("name", named.tool());
    }
  }

  /** Why an answer cannot be gone on with. */
  static WireException cannotResume(String why) {
    return new WireException(RuntimeErrorCode.CANNOT_RESUME, why + "; start over");
  }
}
