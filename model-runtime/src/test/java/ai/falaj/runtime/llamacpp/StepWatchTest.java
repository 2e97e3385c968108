package ai.falaj.runtime.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StepWatchTest {

  private final StepWatch watch = new StepWatch();

  @Test
  void knowsNothingBeforeTheFirstStep() {
    assertThat(watch.sinceLastStep(0, 5)).isEmpty();
  }

  @Test
  void countsFromTheLookThatSawTheCounterMove() {
    watch.sinceLastStep(0, 1_000);
    assertThat(watch.sinceLastStep(3, 2_000)).contains(Duration.ZERO);
    assertThat(watch.sinceLastStep(3, 9_000)).contains(Duration.ofNanos(7_000));
    assertThat(watch.sinceLastStep(4, 9_500)).contains(Duration.ZERO);
  }
}
