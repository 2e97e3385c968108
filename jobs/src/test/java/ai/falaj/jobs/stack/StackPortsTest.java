package ai.falaj.jobs.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StackPortsTest {

  @Test
  void movesAllPortsButThoseTheSystemChooses() {
    assertThat(new StackPorts(9092, 0, 8088).plus(10)).isEqualTo(new StackPorts(9102, 0, 8098));
  }

  @Test
  void choosesThreeDifferentFreePorts() {
    StackPorts settled = StackPorts.EPHEMERAL.settled();

    assertThat(List.of(settled.kafka(), settled.registry(), settled.flink()))
        .doesNotHaveDuplicates()
        .allMatch(Ports::isFree);
  }
}
