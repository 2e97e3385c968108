package ai.falaj.jobs.client;

import ai.falaj.schemas.Completion;
import ai.falaj.schemas.CompletionChunk;
import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import ai.falaj.schemas.PromptRequest;
import ai.falaj.schemas.ReasoningTrace;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * A record as it was read, with its place.
 *
 * @param timestamp when the record was written, as its topic tells it
 */
public record ReadRecord(
    RecordKind kind,
    String topic,
    int partition,
    long offset,
    Instant timestamp,
    Optional<String> key,
    Content content) {

  /** What the record holds. */
  public sealed interface Content {

    /** A record of one of our schemas. */
    record Decoded(SpecificRecord value) implements Content {}

    /**
     * No value: on the prompt topic, the end of the prompts with this key; among dead letters, the
     * mark that one was sent again.
     */
    record Tombstone() implements Content {}

    /** Bytes that are no record of the kind this topic holds. */
    record Undecodable(ErrorCode code, String message, int bytes) implements Content {}
  }

  /** The request that the record belongs to, where it says. */
  public Optional<String> requestId() {
    if (!(content instanceof Content.Decoded decoded)) {
      return Optional.empty();
    }
    SpecificRecord value = decoded.value();
    if (value instanceof PromptRequest prompt) {
      return Optional.of(prompt.getRequestId());
    }
    if (value instanceof CompletionChunk chunk) {
      return Optional.of(chunk.getRequestId());
    }
    if (value instanceof Completion completion) {
      return Optional.of(completion.getRequestId());
    }
    if (value instanceof ReasoningTrace trace) {
      return Optional.of(trace.getRequestId());
    }
    return Optional.ofNullable(((DeadLetter) value).getRequestId());
  }

  /** The value, where it is of that class. */
  public <T extends SpecificRecord> Optional<T> value(Class<T> type) {
    return content instanceof Content.Decoded decoded && type.isInstance(decoded.value())
        ? Optional.of(type.cast(decoded.value()))
        : Optional.empty();
  }
}
