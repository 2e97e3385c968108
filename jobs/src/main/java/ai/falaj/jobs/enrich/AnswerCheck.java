package ai.falaj.jobs.enrich;

import ai.falaj.operators.AnswerReview;
import ai.falaj.operators.fields.OutputSchema;
import ai.falaj.operators.fields.ParsedOutput;
import ai.falaj.schemas.ChatMessage;
import ai.falaj.schemas.Completion;
import ai.falaj.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Asks once more where an answer is not what the fields say: shows the model its answer and what is
 * wrong with it. Where the engine follows schemas that happens to answers that were cut, and to
 * constraints that a grammar cannot hold; where it does not, to any. The second answer leaves,
 * whatever it is. Immutable; any thread.
 */
record AnswerCheck(OutputSchema output) implements AnswerReview {

  private static final long serialVersionUID = 1L;

  /** In the metadata of what is asked again, with the code of the reason. */
  static final String ASKED_AGAIN = "falaj.enrichment.asked-again";

  AnswerCheck {
    Objects.requireNonNull(output, "output");
  }

  @Override
  public Optional<PromptRequest> askInstead(PromptRequest asked, Completion answer) {
    if (output.isPlainText() || asked.getMetadata().containsKey(ASKED_AGAIN)) {
      return Optional.empty();
    }
    if (!(output.parse(answer.getAnswer()) instanceof ParsedOutput.Invalid invalid)) {
      return Optional.empty();
    }
    List<ChatMessage> messages = new ArrayList<>(asked.getMessages());
    messages.add(new ChatMessage("assistant", answer.getAnswer()));
    messages.add(
        new ChatMessage(
            "user",
            "That answer cannot be used: %s. Answer again, with nothing but one JSON object of this schema, and keep it short: %s"
                .formatted(invalid.message(), output.jsonSchema())));
    Map<String, String> metadata = new HashMap<>(asked.getMetadata());
    metadata.put(ASKED_AGAIN, invalid.code().name());
    return Optional.of(
        PromptRequest.newBuilder(asked).setMessages(messages).setMetadata(metadata).build());
  }
}
