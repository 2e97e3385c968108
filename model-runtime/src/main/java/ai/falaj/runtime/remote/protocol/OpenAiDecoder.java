package ai.falaj.runtime.remote.protocol;

import ai.falaj.runtime.FinishReason;
import ai.falaj.runtime.GenerationResult.Usage;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.TokenIds;
import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.remote.http.SseParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the chunks of a chat completion. Lenient in what it does not need, strict in what decides
 * the result: an error or an unknown finish reason is never passed over.
 */
final class OpenAiDecoder implements StreamDecoder {

  private static final String DONE = "[DONE]";
  private static final String ERROR = "error";

  @Override
  public void accept(SseParser.Event event, AnswerSink sink) throws WireException {
    if (event.data().equals(DONE)) {
      sink.onComplete();
      return;
    }
    JsonNode chunk = Json.event(event.data());
    if (event.type().equals(ERROR)
        || chunk.hasNonNull(ERROR)
        || chunk.path("object").asText().equals(ERROR)) {
      throw ServerErrors.inStream(chunk);
    }
    JsonNode choices = chunk.path("choices");
    if (!choices.isArray() && !chunk.has("usage")) {
      throw new WireException(
          RuntimeErrorCode.ENGINE_FAILURE,
          "the server sent an event of %d characters that is no chunk of a chat completion"
              .formatted(event.data().length()));
    }
    for (JsonNode choice : choices) {
      readChoice(choice, sink);
    }
    readUsage(chunk.path("usage"), sink);
  }

  private static void readChoice(JsonNode choice, AnswerSink sink) throws WireException {
    int sample = choice.path("index").asInt();
    JsonNode delta = choice.path("delta");
    if (!delta.path("refusal").asText("").isEmpty()) {
      throw new WireException(
          RuntimeErrorCode.CONTENT_FILTERED, "the model refused to answer in the asked format");
    }
    List<TokenLogprob> logprobs = logprobs(choice.path("logprobs").path("content"));
    String reasoning = text(delta.path("reasoning_content"));
    if (reasoning.isEmpty()) {
      reasoning = text(delta.path("reasoning"));
    }
    String text = text(delta.path("content"));
    if (delta.path("content").isArray()) {
      reasoning = reasoning + thinking(delta.path("content"));
    }
    if (!reasoning.isEmpty() || !text.isEmpty() || !logprobs.isEmpty()) {
      sink.onPiece(sample, Math.max(1, logprobs.size()), reasoning, text, logprobs);
    }
    int position = 0;
    for (JsonNode call : delta.path("tool_calls")) {
      JsonNode function = call.path("function");
      sink.onToolCallPart(
          sample,
          call.path("index").asInt(position++),
          call.path("id").asText(""),
          function.path("name").asText(""),
          function.path("arguments").isObject()
              ? function.path("arguments").toString()
              : function.path("arguments").asText(""));
    }
    if (choice.hasNonNull("finish_reason")) {
      sink.onSampleEnd(sample, finishReason(choice.path("finish_reason").asText()));
    }
  }

  /** Text, or the text blocks of Mistral's list. */
  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode block : content) {
      if (block.path("type").asText().equals("text")) {
        text.append(block.path("text").asText(""));
      }
    }
    return text.toString();
  }

  /** The thinking blocks of Mistral's list. */
  private static String thinking(JsonNode blocks) {
    StringBuilder thoughts = new StringBuilder();
    for (JsonNode block : blocks) {
      if (block.path("type").asText().equals("thinking")) {
        thoughts.append(text(block.path("thinking")));
      }
    }
    return thoughts.toString();
  }

  private static FinishReason finishReason(String reason) throws WireException {
    return switch (reason) {
      case "stop", "eos", "stop_sequence" -> FinishReason.STOP;
      case "length", "model_length" -> FinishReason.LENGTH;
      case "tool_calls", "function_call" -> FinishReason.TOOL_CALLS;
      case "content_filter" ->
          throw new WireException(
              RuntimeErrorCode.CONTENT_FILTERED, "the server's safety rules broke the answer off");
      case "insufficient_system_resource" ->
          throw new WireException(
              RuntimeErrorCode.OVERLOADED, "the server broke the answer off for want of resources");
      default ->
          throw new WireException(
              RuntimeErrorCode.ENGINE_FAILURE,
              "the server broke the answer off with finish reason "
                  + ServerErrors.identifier(reason));
    };
  }

  private static List<TokenLogprob> logprobs(JsonNode content) {
    if (!content.isArray() || content.isEmpty()) {
      return List.of();
    }
    List<TokenLogprob> logprobs = new ArrayList<>(content.size());
    for (JsonNode token : content) {
      List<TokenLogprob.Alternative> top = new ArrayList<>();
      for (JsonNode alternative : token.path("top_logprobs")) {
        top.add(
            new TokenLogprob.Alternative(
                TokenIds.UNKNOWN,
                alternative.path("token").asText(""),
                (float) alternative.path("logprob").asDouble()));
      }
      logprobs.add(
          new TokenLogprob(
              TokenIds.UNKNOWN,
              token.path("token").asText(""),
              (float) token.path("logprob").asDouble(),
              top));
    }
    return logprobs;
  }

  private static void readUsage(JsonNode usage, AnswerSink sink) {
    if (!usage.isObject()) {
      return;
    }
    int cached = usage.path("prompt_tokens_details").path("cached_tokens").asInt();
    sink.onUsage(
        new Usage(
            usage.path("prompt_tokens").asInt(),
            cached > 0 ? cached : usage.path("prompt_cache_hit_tokens").asInt(),
            usage.path("completion_tokens_details").path("reasoning_tokens").asInt(),
            usage.path("completion_tokens").asInt()));
  }
}
