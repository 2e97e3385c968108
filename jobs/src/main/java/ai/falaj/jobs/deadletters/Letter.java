package ai.falaj.jobs.deadletters;

import ai.falaj.schemas.DeadLetter;
import ai.falaj.schemas.ErrorCode;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A dead letter without the bytes it carries, so that many can be held at once: some 300 bytes
 * each. Immutable.
 *
 * @param partition of the dead letters' topic
 * @param offset in that partition
 * @param attempts generations that were started
 * @param retries how often the prompt had been sent again before it failed this time
 * @param message what was wrong and the remedy; never the prompt
 */
public record Letter(
    int partition,
    long offset,
    Instant failedAt,
    ErrorCode code,
    Optional<String> requestId,
    String sourceTopic,
    int sourcePartition,
    long sourceOffset,
    int attempts,
    int retries,
    String message,
    LetterState state) {

  /** In the order in which they failed. */
  static final Comparator<Letter> OLDEST_FIRST =
      Comparator.comparing(Letter::failedAt)
          .thenComparingInt(Letter::partition)
          .thenComparingLong(Letter::offset);

  public Letter {
    Objects.requireNonNull(failedAt, "failedAt");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(sourceTopic, "sourceTopic");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(state, "state");
  }

  static Letter open(int partition, long offset, DeadLetter letter) {
    return new Letter(
        partition,
        offset,
        letter.getFailedAt(),
        letter.getErrorCode(),
        Optional.ofNullable(letter.getRequestId()),
        letter.getSourceTopic(),
        letter.getSourcePartition(),
        letter.getSourceOffset(),
        letter.getAttempts(),
        letter.getRetries(),
        letter.getMessage(),
        LetterState.OPEN);
  }

  Letter in(LetterState other) {
    return new Letter(
        partition,
        offset,
        failedAt,
        code,
        requestId,
        sourceTopic,
        sourcePartition,
        sourceOffset,
        attempts,
        retries,
        message,
        other);
  }

  /** Where the record that failed was read, such as {@code falaj.prompts-3@42}. */
  public String source() {
    return sourceTopic + "-" + sourcePartition + "@" + sourceOffset;
  }

  /** For {@code --json}, with the names of the schema. */
  Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("partition", partition);
    document.put("offset", offset);
    document.put("failed_at", failedAt.toString());
    document.put("error_code", code.name());
    requestId.ifPresent(id -> document.put("request_id", id));
    document.put("source_topic", sourceTopic);
    document.put("source_partition", sourcePartition);
    document.put("source_offset", sourceOffset);
    document.put("attempts", attempts);
    document.put("retries", retries);
    document.put("message", message);
    document.put("state", state.toString());
    return document;
  }
}
