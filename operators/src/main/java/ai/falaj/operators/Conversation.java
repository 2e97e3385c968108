package ai.falaj.operators;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.ToolCall;
import java.util.ArrayList;
import java.util.List;

/**
 * What is kept of a conversation. Immutable; nobody changes the messages that it holds.
 *
 * <p>A turn is what one request brought and what the model answered to it: neither its reasoning,
 * which models are trained to do without, nor the tools that it called, whose results are in the
 * answer as far as they mattered.
 *
 * <p>A summary stands where the turns stood that it replaces, as a turn in which the user asked for
 * it: any chat template takes that, and what users said does not rise to a system message.
 *
 * @param system the system messages; the last request that brought some decides
 * @param turns oldest first, none of them with a system message
 * @param outgrown how many of the oldest turns there is no room for and wait for a summary; no turn
 *     begins before they are gone
 */
public record Conversation(List<ChatMessage> system, List<Turn> turns, int outgrown) {

  static final Conversation EMPTY = new Conversation(List.of(), List.of(), 0);

  private static final String SYSTEM = "system";
  private static final String USER = "user";
  private static final String ASSISTANT = "assistant";
  private static final String SUMMARY_QUESTION = "What did we say so far, in short?";

  public Conversation {
    system = List.copyOf(system);
    turns = List.copyOf(turns);
    if (outgrown < 0 || (outgrown > 0 && outgrown >= turns.size())) {
      throw new IllegalArgumentException(
          "%d of %d turns are outgrown; the newest never is".formatted(outgrown, turns.size()));
    }
  }

  /** Messages of one request, and the answer to them as the last one. */
  public record Turn(List<ChatMessage> messages) {
    public Turn {
      messages = List.copyOf(messages);
    }

    private long estimatedTokens() {
      return messages.stream().mapToLong(m -> TokenEstimate.ofMessage(m.getContent())).sum();
    }
  }

  /** What the model is asked: system messages, then the turns that are kept, then what is new. */
  List<ChatMessage> followedBy(List<ChatMessage> incoming) {
    List<ChatMessage> messages = new ArrayList<>(systemWith(incoming));
    turns.forEach(turn -> messages.addAll(turn.messages()));
    messages.addAll(withoutSystem(incoming));
    return messages;
  }

  /** The conversation after another turn, which may be more than its tokens allow. */
  Conversation after(List<ChatMessage> incoming, String answer) {
    List<ChatMessage> newest = new ArrayList<>(withoutSystem(incoming));
    newest.add(new ChatMessage(ASSISTANT, answer));
    List<Turn> all = new ArrayList<>(turns);
    all.add(new Turn(newest));
    return new Conversation(systemWith(incoming), all, 0);
  }

  /**
   * Without the oldest turns that there is no room for. That is decided when a turn ends and not
   * when a prompt is built, so that a request that was restored has the prompt that it had,
   * whatever the budget says by then.
   *
   * @param maxTokens estimated, of all turns
   */
  Conversation truncated(int maxTokens) {
    return new Conversation(system, turns.subList(turnsBeyond(maxTokens), turns.size()), 0);
  }

  /**
   * With the oldest turns marked for a summary, where all are more than the budget: as many as
   * leave half of it to the summary and the turns to come, so that a summary is not due after each
   * turn.
   */
  Conversation markedForSummary(int maxTokens) {
    int marked = turnsBeyond(maxTokens) == 0 ? 0 : turnsBeyond(maxTokens / 2);
    return new Conversation(system, turns, marked);
  }

  boolean waitsForSummary() {
    return outgrown > 0;
  }

  /** What a model is asked to summarise: it begins like the prompts that it has seen before. */
  List<ChatMessage> toSummarize(String instruction) {
    List<ChatMessage> messages = new ArrayList<>(system);
    turns.subList(0, outgrown).forEach(turn -> messages.addAll(turn.messages()));
    messages.add(new ChatMessage(USER, instruction));
    return messages;
  }

  /** With the summary in place of the turns that waited for it. */
  Conversation summarized(String summary) {
    List<Turn> shorter = new ArrayList<>();
    shorter.add(
        new Turn(
            List.of(new ChatMessage(USER, SUMMARY_QUESTION), new ChatMessage(ASSISTANT, summary))));
    shorter.addAll(turns.subList(outgrown, turns.size()));
    return new Conversation(system, shorter, 0);
  }

  /** How many of the oldest turns are to go for the others to fit; the newest stays. */
  private int turnsBeyond(int maxTokens) {
    long tokens = turns.stream().mapToLong(Turn::estimatedTokens).sum();
    int beyond = 0;
    while (tokens > maxTokens && beyond < turns.size() - 1) {
      tokens -= turns.get(beyond++).estimatedTokens();
    }
    return beyond;
  }

  /** Equal for equal conversations, in every JVM; of the empty one 0. */
  long digest() {
    long digest = 0;
    for (ChatMessage message : followedBy(List.of())) {
      digest = 31 * digest + message.getRole().hashCode();
      digest = 31 * digest + message.getContent().hashCode();
      for (ToolCall call : message.getToolCalls()) {
        digest = 31 * digest + (call.getName() + call.getArguments()).hashCode();
      }
    }
    return digest;
  }

  private List<ChatMessage> systemWith(List<ChatMessage> incoming) {
    List<ChatMessage> brought = incoming.stream().filter(Conversation::isSystem).toList();
    return brought.isEmpty() ? system : brought;
  }

  private static List<ChatMessage> withoutSystem(List<ChatMessage> messages) {
    return messages.stream().filter(message -> !isSystem(message)).toList();
  }

  private static boolean isSystem(ChatMessage message) {
    return message.getRole().equals(SYSTEM);
  }
}
