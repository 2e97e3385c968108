package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.falaj.runtime.RuntimeErrorCode;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoliciesTest {

  @ParameterizedTest
  @EnumSource(
      value = RuntimeErrorCode.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = "CANNOT_RESUME")
  void whatMaySucceedLaterIsNeverADeadLetterAtOnceAndTheRestAlwaysIs(RuntimeErrorCode code) {
    FailureAction action = ErrorPolicy.of(code).action();
    assertThat(action == FailureAction.DEAD_LETTER).isEqualTo(!code.retryable());
    if (action == FailureAction.DEAD_LETTER) {
      assertThat(ErrorPolicy.of(code).deadLetterCode().name()).isEqualTo(code.name());
    }
  }

  @Test
  void aClosedRuntimeFailsTheJobAndAFullOneOnlyWaits() {
    assertThat(ErrorPolicy.of(RuntimeErrorCode.RUNTIME_CLOSED).action())
        .isEqualTo(FailureAction.FAIL_JOB);
    assertThat(ErrorPolicy.of(RuntimeErrorCode.OVERLOADED).action()).isEqualTo(FailureAction.WAIT);
  }

  @Test
  void backoffIsJitteredBetweenZeroAndADoublingBound() {
    RetryPolicy policy = new RetryPolicy(40, Duration.ofMillis(100), Duration.ofMillis(450));
    SplittableRandom random = new SplittableRandom(1);
    long[] bounds = {100, 200, 400, 450, 450};
    for (int failures = 1; failures <= bounds.length; failures++) {
      long longest = 0;
      long shortest = Long.MAX_VALUE;
      for (int i = 0; i < 2_000; i++) {
        long backoff = policy.backoffMs(failures, random);
        longest = Math.max(longest, backoff);
        shortest = Math.min(shortest, backoff);
      }
      assertThat(longest).isBetween(bounds[failures - 1] * 9 / 10, bounds[failures - 1]);
      assertThat(shortest).isBetween(0L, bounds[failures - 1] / 10);
    }
    assertThat(policy.backoffMs(39, random)).as("after many doublings").isBetween(0L, 450L);
  }

  @Test
  void noBackoffIsNoWait() {
    RetryPolicy policy = new RetryPolicy(2, Duration.ZERO, Duration.ZERO);
    assertThat(policy.backoffMs(1, new SplittableRandom(1))).isZero();
  }

  @Test
  void optionsRefuseWhatCannotWork() {
    assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, Duration.ZERO))
        .hasMessageContaining("maxAttempts is 0");
    assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .hasMessageContaining("PT2S")
        .hasMessageContaining("PT1S");
    assertThatThrownBy(() -> InferenceOptions.DEFAULT.withMaxInFlight(0))
        .hasMessageContaining("maxInFlight is 0");
    assertThatThrownBy(() -> InferenceOptions.DEFAULT.withMaxInFlightTokens(0))
        .hasMessageContaining("maxInFlightTokens 0");
  }
}
