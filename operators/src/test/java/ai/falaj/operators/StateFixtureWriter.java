package ai.falaj.operators;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;

/**
 * Writes the state that {@link InferenceOperatorCheckpointTest} restores: run it once per release,
 * commit the file, and never write one again. The argument is the file.
 */
public final class StateFixtureWriter {

  private StateFixtureWriter() {}

  public static void main(String[] args) throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("fixture").drivenByTest().hang("slow").hang("cancelled").build();
    InferenceOptions options = InferenceOptions.DEFAULT.withOrder(ResultOrder.ORDERED);
    try (OperatorFixture operator = new OperatorFixture(spec, options).open()) {
      operator.process(Prompts.record("slow", "one"), 1);
      operator.process(Prompts.record("fast", "two"), 2);
      operator.process(Prompts.record("cancelled", "three"), 3);
      operator.runToIdle();
      operator.process(Prompts.cancellation("cancelled"));
      OperatorSnapshotUtil.writeStateHandle(operator.harness().snapshot(1, 1), args[0]);
    }
  }
}
