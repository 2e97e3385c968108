package ai.falaj.operators;

import ai.falaj.runtime.testing.FakeRuntimeSpec;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;

/**
 * Writes the state that {@link InferenceOperatorCheckpointTest} restores: run it once per layout of
 * the state, commit the file, and never write one again. The argument is the file.
 */
public final class StateFixtureWriter {

  private StateFixtureWriter() {}

  public static void main(String[] args) throws Exception {
    FakeRuntimeSpec spec = FakeRuntimeSpec.builder("fixture").drivenByTest().build();
    try (OperatorFixture operator = new OperatorFixture(spec, InferenceOptions.DEFAULT).open()) {
      operator.process(Prompts.samples("r1", "one", 3), 1);
      operator.runtime().step();
      operator.runtime().step();
      operator.runMails();
      OperatorSnapshotUtil.writeStateHandle(operator.harness().snapshot(1, 1), args[0]);
    }
  }
}
