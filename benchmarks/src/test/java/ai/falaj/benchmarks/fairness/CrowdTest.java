package ai.falaj.benchmarks.fairness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.benchmarks.BenchmarkException;
import ai.falaj.runtime.GenerationRequest;
import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.Prompt;
import ai.falaj.runtime.RuntimeErrorCode;
import ai.falaj.runtime.SamplingParameters;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import ai.falaj.runtime.testing.InjectedFailure;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CrowdTest {

  @Test
  void keepsComingUntilItIsClosedAndThenLeavesNobodyBehind() throws Exception {
    CountDownLatch tokens = new CountDownLatch(200);
    ModelRuntime runtime = FakeRuntimeSpec.builder("fake").maxSequences(2).build().open();
    try {
      try (Crowd crowd = Crowd.of(runtime, 5, CrowdTest::request, delta -> tokens.countDown())) {
        tokens.await();
        crowd.requireHealthy();
        assertThat(runtime.stats().requestsFinished()).isGreaterThan(5);
      }
    } finally {
      runtime.close();
    }
    // Gauges are those of the last step: they are right once there is none to come.
    assertThat(runtime.stats().requestsWaiting()).isZero();
    assertThat(runtime.stats().requestsRunning()).isZero();
  }

  @Test
  void tellsOfAFailure() throws Exception {
    FakeRuntimeSpec spec =
        FakeRuntimeSpec.builder("fake")
            .stepDelay(Duration.ofMillis(1))
            .fail(new InjectedFailure("r7", 1, RuntimeErrorCode.ENGINE_FAILURE, 0))
            .build();
    try (ModelRuntime runtime = spec.open();
        Crowd crowd = Crowd.of(runtime, 2, CrowdTest::request, delta -> {})) {
      while (runtime.stats().requestsFailed() == 0) {
        Thread.sleep(1);
      }
      assertThatThrownBy(
              () -> {
                while (true) {
                  crowd.requireHealthy();
                  Thread.sleep(1);
                }
              })
          .isInstanceOf(BenchmarkException.class);
    }
  }

  private static GenerationRequest request(long number) {
    return GenerationRequest.builder("r" + number, new Prompt.Raw("one two three"))
        .sampling(SamplingParameters.greedy(6))
        .ignoreEndOfSequence()
        .build();
  }
}
