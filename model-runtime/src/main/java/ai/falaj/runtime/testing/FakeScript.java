package ai.falaj.runtime.testing;

import ai.falaj.runtime.Channel;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.OutputFormat;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.TokenDelta.TextSegment;
import ai.falaj.runtime.ToolCall;
import ai.falaj.runtime.ToolChoice;
import java.util.ArrayList;
import java.util.List;

/** What a {@link FakeRuntime} writes: a function of the request and the seed. Stateless. */
final class FakeScript {

  private static final String CALL = "call ";
  private static final int REASONING_WORDS = 3;
  private static final long SEEDS = SamplingParameters.MAX_SEED + 1;

  private FakeScript() {}

  static int promptTokens(GenerationRequest request) {
    return words(promptText(request.prompt())).size();
  }

  /**
   * The words of one sample, one per token. Greedy samples are all the same; others end with their
   * seed where it is not 0, so that a sample can be told from its neighbours and be made again by a
   * request of its own.
   */
  static List<TextSegment> of(GenerationRequest request, int sample, boolean reasons) {
    long seed = (request.sampling().seed().orElse(0) + sample) % SEEDS;
    long variant = request.sampling().isGreedy() ? 0 : seed;
    List<TextSegment> segments = new ArrayList<>();
    if (reasons) {
      int words =
          Math.min(REASONING_WORDS, request.reasoningBudgetTokens().orElse(REASONING_WORDS));
      for (int i = 0; i < words; i++) {
        segments.add(new TextSegment(Channel.REASONING, (i == 0 ? "" : " ") + "thought" + i));
      }
    }
    addAnswer(request, variant, segments);
    return segments;
  }

  /** Calls for as long as the last message begins with {@link #CALL}. */
  static List<ToolCall> toolCalls(GenerationRequest request) {
    String text = lastText(request.prompt());
    if (!(request.prompt() instanceof Prompt.Chat chat)
        || request.tools().isEmpty()
        || request.toolChoice() == ToolChoice.NONE
        || !text.startsWith(CALL)) {
      return List.of();
    }
    List<ToolCall> calls = new ArrayList<>();
    for (String call : text.substring(CALL.length()).split(";")) {
      String[] parts = call.trim().split(" ", 2);
      calls.add(
          new ToolCall(
              "call_" + chat.messages().size() + "_" + calls.size(),
              parts[0],
              parts.length > 1 ? parts[1] : "{}"));
    }
    return calls;
  }

  private static void addAnswer(
      GenerationRequest request, long variant, List<TextSegment> segments) {
    if (request.output() instanceof OutputFormat.Choice choice) {
      int index = (int) (variant % choice.choices().size());
      segments.add(new TextSegment(Channel.ANSWER, choice.choices().get(index)));
      return;
    }
    if (request.output() instanceof OutputFormat.JsonObject) {
      segments.add(new TextSegment(Channel.ANSWER, "{\"seed\":"));
      segments.add(new TextSegment(Channel.ANSWER, variant + "}"));
      return;
    }
    segments.add(new TextSegment(Channel.ANSWER, "You"));
    segments.add(new TextSegment(Channel.ANSWER, " said:"));
    for (String word : words(lastText(request.prompt()))) {
      segments.add(new TextSegment(Channel.ANSWER, " " + word));
    }
    if (variant != 0) {
      segments.add(new TextSegment(Channel.ANSWER, " #" + variant));
    }
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.trim().split("\\s+"));
  }

  private static String promptText(Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      StringBuilder text = new StringBuilder();
      chat.messages().forEach(message -> text.append(message.content()).append(' '));
      return text.toString();
    }
    return lastText(prompt);
  }

  private static String lastText(Prompt prompt) {
    if (prompt instanceof Prompt.Chat chat) {
      int size = chat.messages().size();
      return size == 0 ? "" : chat.messages().get(size - 1).content();
    }
    if (prompt instanceof Prompt.Raw raw) {
      return raw.text();
    }
    Prompt.Tokens tokens = (Prompt.Tokens) prompt;
    StringBuilder text = new StringBuilder();
    tokens.ids().forEach(id -> text.append('t').append(id).append(' '));
    return text.toString();
  }
}
