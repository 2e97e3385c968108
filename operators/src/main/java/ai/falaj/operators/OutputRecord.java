package ai.falaj.operators;

import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * A record on its way to a topic. Immutable; nobody changes the value that it holds.
 *
 * @param key of the Kafka record: the request id, where there is one
 * @param traceparent W3C trace context of the prompt that this answers
 */
public record OutputRecord<T extends SpecificRecord>(
    Optional<String> key, T value, Optional<String> traceparent) {

  public OutputRecord {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(traceparent, "traceparent");
  }
}
