package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolChoice;
import ai.falaj.runtime.ToolDefinition;
import ai.falaj.runtime.remote.protocol.WireCall.BegunAnswer;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Anthropic's messages. */
final class AnthropicProtocol implements WireProtocol {

  /** The server wants a bound; this one is used where nobody gave any. */
  static final int DEFAULT_MAX_TOKENS = 8_192;

  private static final String VERSION = "2023-06-01";
  private static final int LEAST_THINKING_TOKENS = 1_024;
  private static final String TYPE = "type";
  private static final String TEXT = "text";
  private static final String CONTENT = "content";

  private final Dialect dialect;
  private final Sampling sampling;

  AnthropicProtocol(Dialect dialect) {
    this.dialect = dialect;
    this.sampling = new Sampling(dialect);
  }

  @Override
  public String path(WireCall call) {
    return "/messages";
  }

  @Override
  public void authorize(HttpRequest.Builder request, String key) {
    request.setHeader("anthropic-version", VERSION);
    if (!key.isEmpty()) {
      request.setHeader("x-api-key", key);
    }
  }

  @Override
  public StreamDecoder decoder() {
    return new AnthropicDecoder();
  }

  @Override
  public byte[] body(WireCall call) throws WireException {
    GenerationRequest request = call.request();
    ObjectNode body = call.extra().deepCopy();
    int maxTokens = call.maxTokens().orElse(DEFAULT_MAX_TOKENS);
    body.put("model", call.model());
    body.put("max_tokens", maxTokens);
    body.put("stream", true);
    if (!(request.prompt() instanceof Prompt.Chat chat)) {
      throw Sampling.unsupported(
          "this server takes conversations only; send messages in place of raw text or tokens");
    }
    writeSystem(chat.messages(), body);
    ArrayNode messages = body.putArray("messages");
    for (ChatMessage message : chat.messages()) {
      writeMessage(message, messages);
    }
    writeSampling(request.sampling(), body);
    writeThinking(request.reasoningBudgetTokens(), maxTokens, body);
    writeOutput(request.output(), body);
    writeTools(request, body);
    if (request.ignoreEndOfSequence()) {
      throw Sampling.unsupported("this server does not know ignore_eos; leave it out");
    }
    if (call.begun().isPresent()) {
      writeBegun(request, call.begun().get(), messages);
    }
    return Json.bytes(body);
  }

  private static void writeSystem(List<ChatMessage> messages, ObjectNode body) {
    String system =
        messages.stream()
            .filter(AnthropicProtocol::isSystem)
            .map(ChatMessage::content)
            .collect(Collectors.joining("\n\n"));
    if (!system.isEmpty()) {
      body.put("system", system);
    }
  }

  private static boolean isSystem(ChatMessage message) {
    return message.role().equals("system");
  }

  private static void writeMessage(ChatMessage message, ArrayNode messages) throws WireException {
    if (isSystem(message)) {
      return;
    }
    if (message.role().equals("tool")) {
      String id =
          message
              .toolCallId()
              .orElseThrow(
                  () ->
                      new WireException(
                          RuntimeErrorCode.INVALID_PARAMETER,
                          "a message of role tool does not say which tool call it answers"));
      ObjectNode result = messages.addObject().put("role", "user").putArray(CONTENT).addObject();
      result.put(TYPE, "tool_result").put("tool_use_id", id).put(CONTENT, message.content());
      return;
    }
    ObjectNode node = messages.addObject().put("role", message.role());
    if (message.toolCalls().isEmpty()) {
      node.put(CONTENT, message.content());
      return;
    }
    ArrayNode blocks = node.putArray(CONTENT);
    if (!message.content().isEmpty()) {
      blocks.addObject().put(TYPE, TEXT).put(TEXT, message.content());
    }
    for (ToolCall call : message.toolCalls()) {
      blocks
          .addObject()
          .put(TYPE, "tool_use")
          .put("id", call.id())
          .put("name", call.name())
          .set("input", Json.parameter(call.arguments(), "the arguments of tool " + call.name()));
    }
  }

  private void writeSampling(SamplingParameters parameters, ObjectNode body) throws WireException {
    sampling.writeTemperature(parameters, false, body);
    if (parameters.topP() != 1) {
      body.put("top_p", parameters.topP());
    }
    if (parameters.topK() > 0) {
      body.put("top_k", parameters.topK());
    }
    sampling.writeStops(parameters, "stop_sequences", body);
    if (parameters.minP() > 0) {
      sampling.require(Feature.MIN_P, "min_p");
    }
    if (parameters.presencePenalty() != 0 || parameters.frequencyPenalty() != 0) {
      sampling.require(Feature.PENALTIES, "presence_penalty and frequency_penalty");
    }
    if (parameters.repetitionPenalty() != 1) {
      sampling.require(Feature.REPETITION_PENALTY, "repetition_penalty");
    }
    if (!parameters.logitBias().isEmpty()) {
      sampling.require(Feature.LOGIT_BIAS, "logit_bias");
    }
    if (parameters.topLogprobs().isPresent()) {
      sampling.require(Feature.LOGPROBS, "logprobs");
    }
  }

  private static void writeThinking(OptionalInt budget, int maxTokens, ObjectNode body)
      throws WireException {
    if (budget.isEmpty()) {
      return;
    }
    int tokens = budget.getAsInt();
    if (tokens == 0) {
      body.putObject("thinking").put(TYPE, "disabled");
      return;
    }
    if (tokens < LEAST_THINKING_TOKENS || tokens >= maxTokens) {
      throw Sampling.unsupported(
          "the reasoning budget is %d; this server takes 0, or %d up to less than max_tokens, which is %d"
              .formatted(tokens, LEAST_THINKING_TOKENS, maxTokens));
    }
    body.putObject("thinking").put(TYPE, "enabled").put("budget_tokens", tokens);
  }

  private void writeOutput(OutputFormat output, ObjectNode body) throws WireException {
    if (output instanceof OutputFormat.JsonSchema schema) {
      sampling.require(Feature.JSON_SCHEMA, "the format json_schema");
      body.putObject("output_config")
          .putObject("format")
          .put(TYPE, "json_schema")
          .set("schema", Json.parameter(schema.schema(), "the schema of the answer"));
    } else if (!(output instanceof OutputFormat.Text)) {
      throw Sampling.unsupported(
          "this server holds its answers to JSON schemas only; send one, or no format");
    }
  }

  private static void writeTools(GenerationRequest request, ObjectNode body) throws WireException {
    if (request.tools().isEmpty()) {
      return;
    }
    ArrayNode tools = body.putArray("tools");
    for (ToolDefinition tool : request.tools()) {
      tools
          .addObject()
          .put("name", tool.name())
          .put("description", tool.description())
          .set(
              "input_schema",
              Json.parameter(tool.parametersSchema(), "the schema of tool " + tool.name()));
    }
    ToolChoice choice = request.toolChoice();
    if (choice instanceof ToolChoice.None) {
      body.putObject("tool_choice").put(TYPE, "none");
    } else if (choice instanceof ToolChoice.Required) {
      body.putObject("tool_choice").put(TYPE, "any");
    } else if (choice instanceof ToolChoice.Named named) {
      body.putObject("tool_choice").put(TYPE, "tool").put("name", named.tool());
    }
  }

  private void writeBegun(GenerationRequest request, BegunAnswer begun, ArrayNode messages)
      throws WireException {
    OpenAiContinuation.requirePossible(dialect, request);
    if (!begun.reasoning().isEmpty()) {
      throw OpenAiProtocol.cannotResume("this server goes on with answers, and not with thinking");
    }
    if (!begun.answer().equals(begun.answer().stripTrailing())) {
      throw OpenAiProtocol.cannotResume(
          "this server takes no beginning of an answer that ends in white space");
    }
    messages.addObject().put("role", "assistant").put(CONTENT, begun.answer());
  }
}
