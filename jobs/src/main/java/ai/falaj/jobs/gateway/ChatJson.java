package ai.falaj.jobs.gateway;

import ai.falaj.schemas.Channel;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.FinishReason;
import ai.falaj.schemas.Usage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/**
 * Answers in the shape of OpenAI's API; reasoning beside the answer as vLLM and DeepSeek have it.
 * Immutable; any thread.
 *
 * @param id of the answer, which is the request's in the topics
 * @param model as the client named it
 * @param createdSeconds since 1970
 */
record ChatJson(String id, String model, long createdSeconds) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The whole answer. */
  byte[] whole(Completion completion) {
    ObjectNode document = document("chat.completion");
    ObjectNode choice = document.putArray("choices").addObject();
    choice.put("index", 0);
    ObjectNode message = choice.putObject("message");
    message.put("role", "assistant");
    message.put("content", completion.getAnswer());
    message.putNull("refusal");
    if (completion.getReasoning() != null && !completion.getReasoning().isEmpty()) {
      message.put("reasoning_content", completion.getReasoning());
    }
    choice.putNull("logprobs");
    choice.put("finish_reason", finishReason(completion.getFinishReason()));
    document.set("usage", usage(completion.getUsage()));
    document.put(
        "system_fingerprint",
        completion.getProvenance().getEngine()
            + "-"
            + completion.getProvenance().getEngineVersion());
    return bytes(document);
  }

  /** The first piece, which says who speaks. */
  byte[] role() {
    return piece(node -> node.put("role", "assistant").put("content", ""), null);
  }

  byte[] text(Channel channel, String text) {
    return piece(
        node -> node.put(channel == Channel.REASONING ? "reasoning_content" : "content", text),
        null);
  }

  byte[] finish(FinishReason reason) {
    return piece(node -> {}, finishReason(reason));
  }

  /** The last piece of a stream that was asked for its usage. */
  byte[] usagePiece(Usage usage) {
    ObjectNode document = document("chat.completion.chunk");
    document.putArray("choices");
    document.set("usage", usage(usage));
    return bytes(document);
  }

  private byte[] piece(Consumer<ObjectNode> delta, String finishReason) {
    ObjectNode document = document("chat.completion.chunk");
    ObjectNode choice = document.putArray("choices").addObject();
    choice.put("index", 0);
    delta.accept(choice.putObject("delta"));
    choice.putNull("logprobs");
    choice.put("finish_reason", finishReason);
    return bytes(document);
  }

  private ObjectNode document(String type) {
    return MAPPER
        .createObjectNode()
        .put("id", id)
        .put("object", type)
        .put("created", createdSeconds)
        .put("model", model);
  }

  private static ObjectNode usage(Usage usage) {
    ObjectNode counts = MAPPER.createObjectNode();
    counts.put("prompt_tokens", usage.getPromptTokens());
    counts.put("completion_tokens", usage.getCompletionTokens());
    counts.put("total_tokens", usage.getPromptTokens() + usage.getCompletionTokens());
    counts.putObject("prompt_tokens_details").put("cached_tokens", usage.getCachedTokens());
    counts
        .putObject("completion_tokens_details")
        .put("reasoning_tokens", usage.getReasoningTokens());
    return counts;
  }

  /**
   * What was cut short by time looks to these clients like what was cut short by length. What was
   * cancelled is an error before it comes here.
   */
  private static String finishReason(FinishReason reason) {
    return switch (reason) {
      case STOP, CANCELLED, UNKNOWN -> "stop";
      case LENGTH, DEADLINE -> "length";
      case TOOL_CALLS -> "tool_calls";
    };
  }

  private static byte[] bytes(ObjectNode document) {
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts and numbers is JSON", e);
    }
  }
}
