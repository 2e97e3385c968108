package ai.falaj.benchmarks.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.benchmarks.load.Generations.Timed;
import java.util.List;
import org.junit.jupiter.api.Test;

class SameTokensTest {

  @Test
  void countsTokensUpToTheFirstDifference() {
    assertThat(
            SpeculationBenchmark.sameTokenPart(
                List.of(answer(1, 2, 3, 4), answer(5, 6)),
                List.of(answer(1, 2, 9, 4), answer(5, 6))))
        .isEqualTo(4 / 6.0);
  }

  @Test
  void countsALongerAnswerAsDifferent() {
    assertThat(SpeculationBenchmark.sameTokenPart(List.of(answer(1)), List.of(answer(1, 2))))
        .isEqualTo(0.5);
  }

  private static Timed answer(Integer... tokens) {
    return new Timed(1, 1, 1, 1, List.of(tokens));
  }
}
