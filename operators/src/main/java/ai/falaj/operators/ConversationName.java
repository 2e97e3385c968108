package ai.falaj.operators;

import java.util.Objects;
import java.util.Optional;

/**
 * Which conversation: an id means one only under the key of its records.
 *
 * @param key as {@link PromptKeys} makes it
 */
record ConversationName(String key, String id) {

  ConversationName {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(id, "id");
  }

  /** Of the conversation that the request is a turn of; empty where it is of none. */
  static Optional<ConversationName> of(ActiveRequest request) {
    return Optional.ofNullable(request.request().getConversationId())
        .map(id -> new ConversationName(PromptKeys.of(request.prompt), id));
  }
}
