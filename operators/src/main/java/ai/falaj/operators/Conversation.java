package ai.falaj.operators;

import ai.falaj.schemas.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * What is kept of a conversation. Immutable; nobody changes the messages that it holds.
 *
 * <p>A turn is what one request brought and what the model answered to it: neither its reasoning,
 * which models are trained to do without, nor the tools that it called, whose results are in the
 * answer as far as they mattered.
 *
 * @param system the system messages; the last request that brought some decides
 * @param turns oldest first, none of them with a system message
 */
public record Conversation(List<ChatMessage> system, List<Turn> turns) {

  static final Conversation EMPTY = new Conversation(List.of(), List.of());

  private static final String SYSTEM = "system";
  private static final String ASSISTANT = "assistant";

  public Conversation {
    system = List.copyOf(system);
    turns = List.copyOf(turns);
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

  /**
   * The conversation after another turn, with as many old turns as the budget allows. What is
   * dropped is decided here and not when a prompt is built, so that a request that was restored has
   * the prompt that it had, whatever the budget says by then.
   *
   * @param maxTokens estimated, of all turns
   */
  Conversation after(List<ChatMessage> incoming, String answer, int maxTokens) {
    List<ChatMessage> newest = new ArrayList<>(withoutSystem(incoming));
    newest.add(new ChatMessage(ASSISTANT, answer));
    List<Turn> all = new ArrayList<>(turns);
    all.add(new Turn(newest));
    long tokens = all.stream().mapToLong(Turn::estimatedTokens).sum();
    int dropped = 0;
    while (tokens > maxTokens && dropped < all.size() - 1) {
      tokens -= all.get(dropped++).estimatedTokens();
    }
    return new Conversation(systemWith(incoming), all.subList(dropped, all.size()));
  }

  /** Equal for equal conversations, in every JVM; of the empty one 0. */
  long digest() {
    long digest = 0;
    for (ChatMessage message : followedBy(List.of())) {
      digest = 31 * digest + message.getRole().hashCode();
      digest = 31 * digest + message.getContent().hashCode();
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
