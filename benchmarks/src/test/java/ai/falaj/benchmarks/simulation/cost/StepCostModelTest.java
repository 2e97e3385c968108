package ai.falaj.benchmarks.simulation.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.benchmarks.simulation.cost.StepShape.Work;
import ai.falaj.runtime.llamacpp.KvLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepCostModelTest {

  private static final StepCosts COSTS = new StepCosts(1_000, 50_000, 1_000, 2, 1, 300, 7);

  private final StepCostModel model = new StepCostModel(COSTS, KvLayout.PER_SEQUENCE, 512);

  @Test
  void readsTheWeightsForFewTokens() {
    StepShape step = new StepShape(List.of(new Work(0, 0, 0, 1, true)), 0);

    assertThat(model.nanos(step)).isEqualTo(1_000 + 50_000 + 2 * 256 + 300);
  }

  @Test
  void computesForManyTokens() {
    StepShape step = new StepShape(List.of(new Work(0, 0, 0, 200, false)), 0);

    assertThat(model.nanos(step)).isEqualTo(1_000 + 200 * 1_000 + 200 * 256);
  }

  @Test
  void addsCopies() {
    StepShape without = new StepShape(List.of(new Work(0, 0, 0, 1, true)), 0);
    StepShape with = new StepShape(without.work(), 1_000);

    assertThat(model.nanos(with) - model.nanos(without)).isEqualTo(7_000);
  }

  @Test
  void costsNothingToIdle() {
    assertThat(model.nanos(StepShape.IDLE)).isZero();
  }

  @Test
  void paysForAPassOverTheWeightsPerGap() {
    Work first = new Work(0, 0, 0, 1, true);
    StepShape neighbours = new StepShape(List.of(first, new Work(1, 1, 0, 1, true)), 0);
    StepShape apart = new StepShape(List.of(first, new Work(1, 2, 0, 1, true)), 0);

    assertThat(model.nanos(apart) - model.nanos(neighbours)).isEqualTo(1_000 + 50_000);
  }

  /** 34.85 GB at 0.7 of 3.35 TB/s: 14.9 ms, which llama.cpp has reached on cards of this class. */
  @Test
  void knowsK2ThinkOnAnH100() throws ProfileException {
    StepCosts costs = ProfileFiles.read("k2-think-32b-h100").costs();

    assertThat(costs.perWeightRead()).isCloseTo(14.86e6, within(0.01e6));
    assertThat(1e9 / costs.perToken()).isCloseTo(3_317, within(1.0)); // prompt tokens per second
  }

  @Test
  void readsEveryProfileThatComesAlong() throws ProfileException {
    for (String name : ProfileFiles.NAMES) {
      HardwareProfile profile = ProfileFiles.read(name);
      assertThat(profile.name()).isEqualTo(name);
      assertThat(profile.sources()).isNotEmpty();
      assertThat(profile.costs().perToken()).isPositive();
    }
  }

  @Test
  void namesTheProfilesThatThereAre() {
    assertThatThrownBy(() -> ProfileFiles.read("tpu"))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining("tpu")
        .hasMessageContaining("k2-think-32b-h100");
  }
}
