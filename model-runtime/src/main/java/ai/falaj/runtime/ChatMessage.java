package ai.falaj.runtime;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One turn of a conversation.
 *
 * @param role {@code system}, {@code user}, {@code assistant} or {@code tool}, as in OpenAI's chat
 *     API
 * @param content text of the turn; of role {@code tool} what the call gave; may be empty beside
 *     tool calls
 * @param toolCalls what the model wanted to call in this turn; of role {@code assistant} only
 * @param toolCallId which {@link ToolCall} the content is the result of; of role {@code tool} only
 */
public record ChatMessage(
    String role, String content, List<ToolCall> toolCalls, Optional<String> toolCallId) {

  private static final String ASSISTANT = "assistant";
  private static final String TOOL = "tool";

  /**
   * @throws IllegalArgumentException where tool calls or the id of one do not belong to the role
   */
  public ChatMessage {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
    toolCalls = List.copyOf(toolCalls);
    Objects.requireNonNull(toolCallId, "toolCallId");
    if (!toolCalls.isEmpty() && !role.equals(ASSISTANT)) {
      throw new IllegalArgumentException(
          "a message of role %s has tool calls; only the assistant's has".formatted(role));
    }
    if (toolCallId.isPresent() && !role.equals(TOOL)) {
      throw new IllegalArgumentException(
          "a message of role %s answers a tool call; only one of role tool does".formatted(role));
    }
  }

  /** A turn of text. */
  public ChatMessage(String role, String content) {
    this(role, content, List.of(), Optional.empty());
  }

  /** The model's turn that ended with calls. */
  public static ChatMessage assistantCalling(String content, List<ToolCall> calls) {
    return new ChatMessage(ASSISTANT, content, calls, Optional.empty());
  }

  /** What a call gave. */
  public static ChatMessage toolResult(String toolCallId, String content) {
    return new ChatMessage(TOOL, content, List.of(), Optional.of(toolCallId));
  }
}
