package ai.falaj.operators.reasoning;

import ai.falaj.runtime.ChatMessage;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.Prompt;
import java.util.ArrayList;
import java.util.List;

/** A call as a model sees it: who was asked, and what, message by message. */
record AskedCall(String model, List<ChatMessage> messages) {

  static AskedCall of(String model, String system, String user) {
    List<ChatMessage> messages = new ArrayList<>();
    if (!system.isEmpty()) {
      messages.add(new ChatMessage("system", system));
    }
    messages.add(new ChatMessage("user", user));
    return new AskedCall(model, messages);
  }

  static AskedCall of(String model, GenerationRequest request) {
    return new AskedCall(model, ((Prompt.Chat) request.prompt()).messages());
  }

  boolean mentions(String text) {
    return messages.stream().anyMatch(message -> message.content().contains(text));
  }
}
