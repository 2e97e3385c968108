package ai.falaj.operators;

import ai.falaj.schemas.Completion;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;

/** Passes results on, and fails the job once, some results after a complete checkpoint. */
final class FailOnceAfterCheckpoint
    extends RichMapFunction<OutputRecord<Completion>, OutputRecord<Completion>>
    implements CheckpointListener {

  private static final long serialVersionUID = 1L;
  private static final Set<String> FAILED = ConcurrentHashMap.newKeySet();

  private final String name;
  private final int resultsAfterCheckpoint;
  private transient boolean checkpointed;
  private transient int results;

  FailOnceAfterCheckpoint(String name, int resultsAfterCheckpoint) {
    this.name = name;
    this.resultsAfterCheckpoint = resultsAfterCheckpoint;
  }

  boolean hasFailed() {
    return FAILED.contains(name);
  }

  @Override
  public OutputRecord<Completion> map(OutputRecord<Completion> result) {
    if (checkpointed && ++results >= resultsAfterCheckpoint && FAILED.add(name)) {
      throw new IllegalStateException("failed by the test");
    }
    return result;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    checkpointed = true;
  }
}
