package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.remote.http.SseParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the events of a message: blocks of text, of thinking and of tool calls, one after the
 * other. What is thought and not shown (redacted, or a signature alone) has no text.
 */
final class AnthropicDecoder implements StreamDecoder {

  private static final int SAMPLE = 0;

  /** Which tool call a content block is. */
  private final Map<Integer, Integer> callOfBlock = new HashMap<>();

  private int promptTokens;
  private int cachedTokens;

  @Override
  public void accept(SseParser.Event event, AnswerSink sink) throws WireException {
    JsonNode message = Json.event(event.data());
    switch (message.path("type").asText()) {
      case "message_start" -> readStart(message.path("message").path("usage"), sink);
      case "content_block_start" ->
          readBlockStart(message.path("index").asInt(), message.path("content_block"), sink);
      case "content_block_delta" ->
          readDelta(message.path("index").asInt(), message.path("delta"), sink);
      case "message_delta" -> readEnd(message, sink);
      case "message_stop" -> sink.onComplete();
      case "error" -> throw ServerErrors.inStream(message);
      default -> {
        // ping, content_block_stop, and kinds that are yet to come: Anthropic asks to pass them
        // over.
      }
    }
  }

  private void readStart(JsonNode usage, AnswerSink sink) {
    cachedTokens = usage.path("cache_read_input_tokens").asInt();
    promptTokens =
        usage.path("input_tokens").asInt()
            + cachedTokens
            + usage.path("cache_creation_input_tokens").asInt();
    sink.onUsage(new Usage(promptTokens, cachedTokens, 0, usage.path("output_tokens").asInt()));
  }

  private void readBlockStart(int block, JsonNode content, AnswerSink sink) {
    String type = content.path("type").asText();
    if (type.equals("tool_use")) {
      int call = callOfBlock.size();
      callOfBlock.put(block, call);
      sink.onToolCallPart(
          SAMPLE, call, content.path("id").asText(""), content.path("name").asText(""), "");
    } else {
      piece(content.path("thinking").asText(""), content.path("text").asText(""), sink);
    }
  }

  private void readDelta(int block, JsonNode delta, AnswerSink sink) throws WireException {
    switch (delta.path("type").asText()) {
      case "text_delta" -> piece("", delta.path("text").asText(""), sink);
      case "thinking_delta" -> piece(delta.path("thinking").asText(""), "", sink);
      case "input_json_delta" -> {
        Integer call = callOfBlock.get(block);
        if (call == null) {
          throw new WireException(
              RuntimeErrorCode.ENGINE_FAILURE,
              "the server sent arguments of a tool call that it did not begin");
        }
        sink.onToolCallPart(SAMPLE, call, "", "", delta.path("partial_json").asText(""));
      }
      default -> {
        // Signatures and citations have no text of their own.
      }
    }
  }

  private static void piece(String thinking, String text, AnswerSink sink) {
    if (!thinking.isEmpty() || !text.isEmpty()) {
      sink.onPiece(SAMPLE, 1, thinking, text, List.of());
    }
  }

  private void readEnd(JsonNode message, AnswerSink sink) throws WireException {
    JsonNode usage = message.path("usage");
    if (usage.isObject()) {
      sink.onUsage(new Usage(promptTokens, cachedTokens, 0, usage.path("output_tokens").asInt()));
    }
    JsonNode reason = message.path("delta").path("stop_reason");
    if (reason.isTextual()) {
      sink.onSampleEnd(SAMPLE, finishReason(reason.asText()));
    }
  }

  private static FinishReason finishReason(String reason) throws WireException {
    return switch (reason) {
      case "end_turn", "stop_sequence" -> FinishReason.STOP;
      case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
      case "tool_use" -> FinishReason.TOOL_CALLS;
      case "refusal" ->
          throw new WireException(
              RuntimeErrorCode.CONTENT_FILTERED, "the server's safety rules broke the answer off");
      default ->
          throw new WireException(
              RuntimeErrorCode.ENGINE_FAILURE,
              "the server broke the answer off with stop reason "
                  + ServerErrors.identifier(reason));
    };
  }
}
