package ai.falaj.benchmarks.simulation.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.falaj.benchmarks.simulation.cost.StepShape.Work;
import ai.falaj.runtime.llamacpp.KvLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CostFitTest {

  /** A graph's overhead and a token's choice are told apart from weights and tokens. */
  private static final StepCosts TRUE_COSTS = new StepCosts(2e6, 15e6, 0.3e6, 300, 1, 0.2e6, 500);

  @Test
  void findsTheCostsThatMadeTheSamples() {
    CostFit fit = CostFit.of(samples(0), KvLayout.PER_SEQUENCE, 512);

    assertThat(fit.maxError()).isLessThan(0.005);
    assertThat(fit.costs().perToken()).isCloseTo(0.3e6, within(0.01e6));
    assertThat(fit.costs().perWeightRead() + fit.costs().perGraph()).isCloseTo(17e6, within(0.2e6));
    assertThat(fit.costs().perCopiedEntry()).isCloseTo(500, within(10.0));
  }

  @Test
  void explainsNoisySamplesToTheirNoise() {
    CostFit fit = CostFit.of(samples(0.05), KvLayout.PER_SEQUENCE, 512);

    assertThat(fit.meanError()).isLessThan(0.05);
    assertThat(fit.costs().perToken()).isCloseTo(0.3e6, within(0.03e6));
  }

  @Test
  void refusesTooFewSamples() {
    assertThatThrownBy(() -> CostFit.of(samples(0).subList(0, 6), KvLayout.PER_SEQUENCE, 512))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("6 samples");
  }

  @Test
  void leavesOutWhatWouldBeNegative() {
    List<double[]> rows = List.of(new double[] {1, 0}, new double[] {1, 1}, new double[] {1, 2});

    double[] found = NonNegativeLeastSquares.solve(rows, new double[] {3, 2, 1});

    assertThat(found[0]).isCloseTo(2, within(1e-9));
    assertThat(found[1]).isZero();
  }

  private static List<StepSample> samples(double noise) {
    StepCostModel model = new StepCostModel(TRUE_COSTS, KvLayout.PER_SEQUENCE, 512);
    SplittableRandom random = new SplittableRandom(5);
    List<StepSample> samples = new ArrayList<>();
    for (StepShape shape : shapes()) {
      double factor = 1 + noise * (2 * random.nextDouble() - 1);
      samples.add(new StepSample(shape, Math.round(model.nanos(shape) * factor)));
    }
    return samples;
  }

  private static List<StepShape> shapes() {
    List<StepShape> shapes = new ArrayList<>();
    for (int depth : new int[] {64, 1024, 3000}) {
      for (int decoding = 1; decoding <= 32; decoding *= 2) {
        shapes.add(step(decoding, depth, 0, 0));
        for (int chunk = 16; chunk <= 512; chunk *= 2) {
          shapes.add(step(decoding, depth, chunk, 0));
        }
      }
      for (int chunk = 16; chunk <= 512; chunk *= 2) {
        shapes.add(step(0, depth, chunk, 0));
      }
      shapes.add(step(1, depth, 0, depth));
    }
    return shapes;
  }

  private static StepShape step(int decoding, int depth, int chunk, long copied) {
    List<Work> work = new ArrayList<>();
    for (int slot = 0; slot < decoding; slot++) {
      work.add(new Work(slot, slot, depth, 1, true));
    }
    if (chunk > 0) {
      work.add(new Work(decoding, decoding, depth, chunk, false));
    }
    return new StepShape(work, copied);
  }
}
