package ai.falaj.operators;

import java.util.Objects;

/** Where in Kafka a record was read. */
public record RecordOrigin(String topic, int partition, long offset) {
  public RecordOrigin {
    Objects.requireNonNull(topic, "topic");
  }

  /** False only if it is known to have been written later than the other one. */
  boolean mayPrecede(RecordOrigin other) {
    boolean samePartition = partition == other.partition && topic.equals(other.topic);
    return !samePartition || offset < other.offset;
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
