package ai.falaj.jobs.dashboard.feed;

import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * A record as it was read, with its place.
 *
 * @param timestampMs as Kafka keeps it
 * @param key as UTF-8
 * @param traceparent W3C trace context of its header
 * @param content what it holds
 */
public record FeedRecord(
    FeedKind kind,
    String topic,
    int partition,
    long offset,
    long timestampMs,
    Optional<String> key,
    Optional<String> traceparent,
    Content content) {

  /** What a record holds. */
  public sealed interface Content {

    /** A record of the kind. */
    record Decoded(SpecificRecord value) implements Content {}

    /** No value: a cancelled prompt, a letter that was sent again, a row that was deleted. */
    record Tombstone() implements Content {}

    /** Bytes that are no record of the kind. */
    record Undecodable() implements Content {}
  }

  /** The value, where it is of that class. */
  public <T extends SpecificRecord> Optional<T> value(Class<T> type) {
    return content instanceof Content.Decoded decoded && type.isInstance(decoded.value())
        ? Optional.of(type.cast(decoded.value()))
        : Optional.empty();
  }
}
