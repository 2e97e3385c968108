package ai.falaj.operators;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/** Makes the record that says why a prompt was not answered, with its original bytes. */
final class DeadLetters {

  private DeadLetters() {}

  /**
   * @param message what was wrong and the remedy; never the prompt
   * @param attempts generations that were tried
   * @param nowMs milliseconds since the epoch
   */
  static OutputRecord<DeadLetter> of(
      PromptRecord prompt, ErrorCode code, String message, int attempts, long nowMs) {
    Optional<String> requestId =
        prompt.content() instanceof PromptRecord.Request request
            ? Optional.of(request.request().getRequestId())
            : Optional.empty();
    DeadLetter letter =
        new DeadLetter(
            requestId.orElse(null),
            prompt.key().orElse(null),
            prompt.value().orElse(null),
            prompt.origin().topic(),
            prompt.origin().partition(),
            prompt.origin().offset(),
            code,
            message,
            attempts,
            Instant.ofEpochMilli(nowMs));
    return new OutputRecord<>(requestId, letter, prompt.traceparent());
  }
}
