package ai.falaj.operators;

import java.util.Objects;

/** Where in Kafka a record was read. */
public record RecordOrigin(String topic, int partition, long offset) {
  public RecordOrigin {
    Objects.requireNonNull(topic, "topic");
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
