package ai.falaj.operators;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;

/**
 * Reads while all {@link CapacityGate}s of its task are open. Confined to the task thread, as every
 * reader is.
 */
@SuppressWarnings("try") // Flink's own signature of close.
final class GatedSourceReader<T, SplitT extends SourceSplit> implements SourceReader<T, SplitT> {

  private final SourceReader<T, SplitT> reader;
  private List<CapacityGate> gates = List.of();

  GatedSourceReader(SourceReader<T, SplitT> reader) {
    this.reader = reader;
  }

  /** Operators open before the source that they are chained to starts. */
  @Override
  public void start() {
    gates = CapacityGate.ofThisTask();
    gates.forEach(CapacityGate::watch);
    reader.start();
  }

  @Override
  public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
    if (closedGate() != null) {
      return InputStatus.NOTHING_AVAILABLE;
    }
    InputStatus status = reader.pollNext(output);
    // What was just read may have closed the gate.
    return status == InputStatus.MORE_AVAILABLE && closedGate() != null
        ? InputStatus.NOTHING_AVAILABLE
        : status;
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    CapacityGate closed = closedGate();
    return closed == null ? reader.isAvailable() : closed.opened();
  }

  /** One that is closed, or null. */
  private CapacityGate closedGate() {
    for (CapacityGate gate : gates) {
      if (!gate.isOpen()) {
        return gate;
      }
    }
    return null;
  }

  @Override
  public List<SplitT> snapshotState(long checkpointId) {
    return reader.snapshotState(checkpointId);
  }

  @Override
  public void addSplits(List<SplitT> splits) {
    reader.addSplits(splits);
  }

  @Override
  public void notifyNoMoreSplits() {
    reader.notifyNoMoreSplits();
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    reader.handleSourceEvents(event);
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    reader.notifyCheckpointComplete(checkpointId);
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) throws Exception {
    reader.notifyCheckpointAborted(checkpointId);
  }

  @Override
  public void pauseOrResumeSplits(
      Collection<String> splitsToPause, Collection<String> splitsToResume) {
    reader.pauseOrResumeSplits(splitsToPause, splitsToResume);
  }

  @Override
  public void close() throws Exception {
    reader.close();
  }
}
