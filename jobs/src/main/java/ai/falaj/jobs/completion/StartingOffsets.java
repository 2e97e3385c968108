package ai.falaj.jobs.completion;

import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** Where a job without a checkpoint begins to read. */
public enum StartingOffsets {
  COMMITTED_OR_EARLIEST,
  COMMITTED_OR_LATEST,
  EARLIEST,
  LATEST;

  /** For a Kafka source. */
  @SuppressWarnings("deprecation") // The connector takes the old enum, and no other.
  public OffsetsInitializer initializer() {
    return switch (this) {
      case COMMITTED_OR_EARLIEST ->
          OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
      case COMMITTED_OR_LATEST -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.LATEST);
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> OffsetsInitializer.latest();
    };
  }
}
