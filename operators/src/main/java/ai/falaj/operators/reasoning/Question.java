package ai.falaj.operators.reasoning;

import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * What a conversation asks: its last message, which a user wrote. Earlier turns go to the solver as
 * they are; planner and judge read them before the question. Stateless.
 */
final class Question {

  private static final String USER = "user";
  private static final String SYSTEM = "system";

  private Question() {}

  /** Whether there is a last message of a user, with content. */
  static boolean isAsked(PromptRequest request) {
    if (request.getMessages().isEmpty()) {
      return false;
    }
    ChatMessage last = last(request);
    return last.getRole().equals(USER) && !last.getContent().isBlank();
  }

  /** The last message alone. */
  static String last(Problem problem) {
    return last(problem.request()).getContent();
  }

  /** With the turns before it, as planner and judge read it. */
  static String inContext(PromptRequest request) {
    StringBuilder text = new StringBuilder();
    for (ChatMessage message : beforeLast(request)) {
      if (!message.getRole().equals(SYSTEM)) {
        text.append(message.getRole()).append(": ").append(message.getContent()).append('\n');
      }
    }
    String question = last(request).getContent();
    return text.isEmpty() ? question : text.append(USER).append(": ").append(question).toString();
  }

  /**
   * The conversation as the solver reads it.
   *
   * @param system comes before the client's own instructions
   * @param question in place of the last message
   */
  static List<ChatMessage> forSolver(Problem problem, String system, String question) {
    List<String> instructions = new ArrayList<>();
    if (!system.isEmpty()) {
      instructions.add(system);
    }
    List<ChatMessage> turns = new ArrayList<>();
    for (ChatMessage message : beforeLast(problem.request())) {
      if (message.getRole().equals(SYSTEM)) {
        instructions.add(message.getContent());
      } else {
        turns.add(message);
      }
    }
    List<ChatMessage> messages = new ArrayList<>();
    if (!instructions.isEmpty()) {
      messages.add(Call.message(SYSTEM, String.join("\n\n", instructions)));
    }
    messages.addAll(turns);
    messages.add(ChatMessage.newBuilder(last(problem.request())).setContent(question).build());
    return messages;
  }

  private static ChatMessage last(PromptRequest request) {
    return request.getMessages().get(request.getMessages().size() - 1);
  }

  private static List<ChatMessage> beforeLast(PromptRequest request) {
    return request.getMessages().subList(0, request.getMessages().size() - 1);
  }
}
