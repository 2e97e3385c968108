package ai.falaj.operators.routing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.operators.Prompts;
import ai.falaj.schemas.ErrorCode;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.operators.StreamFlatMap;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyForEachKeyGroupTest {

  private static List<RouteControl> copies(RouteControl control, int maxParallelism)
      throws Exception {
    var harness =
        new OneInputStreamOperatorTestHarness<RouteControl, RouteControl>(
            new StreamFlatMap<>(new CopyForEachKeyGroup()), maxParallelism, 1, 0);
    try (harness) {
      harness.setup(Routing.CONTROL_TYPE.createSerializer(new SerializerConfigImpl()));
      harness.open();
      harness.processElement(new StreamRecord<>(control));
      return harness.extractOutputValues();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 128})
  void everyKeyGroupGetsTheChangeOnce(int maxParallelism) throws Exception {
    RouteChange change = new RouteChange("k2", Optional.empty(), 0, 1, 1);
    List<RouteControl> copies = copies(new RouteControl.Change("k2", change), maxParallelism);
    assertThat(copies)
        .extracting(copy -> KeyGroupRangeAssignment.assignToKeyGroup(copy.key(), maxParallelism))
        .hasSize(maxParallelism)
        .doesNotHaveDuplicates();
    assertThat(copies)
        .extracting(copy -> ((RouteControl.Change) copy).change())
        .containsOnly(change);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 128})
  void aRefusalGoesOutOnce(int maxParallelism) throws Exception {
    RouteControl refusal =
        new RouteControl.Refusal(Prompts.undecodable(ErrorCode.UNKNOWN_MODEL, "no such model"));
    assertThat(copies(refusal, maxParallelism)).containsExactly(refusal);
  }
}
