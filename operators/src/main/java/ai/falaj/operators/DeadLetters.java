package ai.falaj.operators;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/** Makes the record that says why a prompt was not answered, with its original bytes. */
public final class DeadLetters {

  /**
   * Most bytes of a record that its dead letter repeats. A broker takes records of 1 MiB unless
   * told otherwise, and a dead letter that it refused would fail the job, again and again.
   */
  static final int MAX_COPIED_BYTES = 900_000;

  private DeadLetters() {}

  /**
   * @param message what was wrong and the remedy; never the prompt
   * @param attempts generations that were tried
   * @param nowMs milliseconds since the epoch
   */
  public static OutputRecord<DeadLetter> of(
      PromptRecord prompt, ErrorCode code, String message, int attempts, long nowMs) {
    Optional<String> requestId =
        prompt.content() instanceof PromptRecord.Request request
            ? Optional.of(request.request().getRequestId())
            : Optional.empty();
    boolean copies = bytes(prompt.key()) + bytes(prompt.value()) <= MAX_COPIED_BYTES;
    DeadLetter letter =
        new DeadLetter(
            requestId.orElse(null),
            copies ? prompt.key().orElse(null) : null,
            copies ? prompt.value().orElse(null) : null,
            prompt.origin().topic(),
            prompt.origin().partition(),
            prompt.origin().offset(),
            code,
            copies ? message : message + notCopied(prompt),
            attempts,
            Instant.ofEpochMilli(nowMs),
            prompt.retries());
    return new OutputRecord<>(requestId, letter, prompt.traceparent());
  }

  private static int bytes(Optional<ByteBuffer> field) {
    return field.map(ByteBuffer::remaining).orElse(0);
  }

  private static String notCopied(PromptRecord prompt) {
    return "; its %d bytes are not copied here because Kafka might refuse them, they are at %s"
        .formatted(bytes(prompt.key()) + bytes(prompt.value()), prompt.origin());
  }
}
