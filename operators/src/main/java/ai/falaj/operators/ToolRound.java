package ai.falaj.operators;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationResult;
import ai.falaj.runtime.ToolCall;
import ai.falaj.schemas.CalledTool;
import ai.falaj.schemas.ToolOutcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A generation that ended with calls, and what is known of their results. Immutable.
 *
 * @param content what the model said beside the calls
 * @param usage tokens of the generation
 * @param calls at least one
 */
public record ToolRound(String content, GenerationResult.Usage usage, List<Call> calls) {

  public ToolRound {
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(usage, "usage");
    calls = List.copyOf(calls);
    if (calls.isEmpty()) {
      throw new IllegalArgumentException("a round has one call or more");
    }
  }

  /**
   * One call.
   *
   * @param toolRequestId what its response repeats
   * @param result empty while it is waited for
   */
  public record Call(String toolRequestId, ToolCall call, Optional<ToolResult> result) {
    public Call {
      Objects.requireNonNull(toolRequestId, "toolRequestId");
      Objects.requireNonNull(call, "call");
      Objects.requireNonNull(result, "result");
    }

    Call with(ToolResult other) {
      return new Call(toolRequestId, call, Optional.of(other));
    }
  }

  /**
   * Names a call by everything that makes it the same call when a failure makes the model ask
   * again. The engine's own id is not part of it: remote engines draw a new one each time.
   *
   * @param round from 1
   * @param index of the call in its round
   */
  static String toolRequestId(String requestId, int round, int index, ToolCall call) {
    CRC32 checksum = new CRC32();
    checksum.update((call.name() + "\0" + call.arguments()).getBytes(StandardCharsets.UTF_8));
    return "%s/%d/%d-%08x".formatted(requestId, round, index, checksum.getValue());
  }

  /** Those that are waited for. */
  List<Call> open() {
    return calls.stream().filter(call -> call.result().isEmpty()).toList();
  }

  boolean isAnswered() {
    return calls.stream().allMatch(call -> call.result().isPresent());
  }

  /** With a result for the open call of this name. */
  ToolRound with(String toolRequestId, ToolResult result) {
    return new ToolRound(
        content,
        usage,
        calls.stream()
            .map(
                call ->
                    call.toolRequestId().equals(toolRequestId) && call.result().isEmpty()
                        ? call.with(result)
                        : call)
            .toList());
  }

  /** As the model reads it: its calls, then what each gave. Of a round that is answered. */
  List<ChatMessage> messages() {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(ChatMessage.assistantCalling(content, calls.stream().map(Call::call).toList()));
    calls.forEach(
        call ->
            messages.add(
                ChatMessage.toolResult(call.call().id(), call.result().orElseThrow().content())));
    return messages;
  }

  /** For the completion; a call that was not answered has no outcome that is known. */
  static List<CalledTool> calledTools(List<ToolRound> rounds) {
    List<CalledTool> called = new ArrayList<>();
    for (int index = 0; index < rounds.size(); index++) {
      for (Call call : rounds.get(index).calls()) {
        called.add(
            new CalledTool(
                index + 1,
                call.call().id(),
                call.call().name(),
                call.call().arguments(),
                call.result().map(ToolResult::outcome).orElse(ToolOutcome.UNKNOWN)));
      }
    }
    return called;
  }
}
