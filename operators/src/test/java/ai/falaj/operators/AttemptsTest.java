package ai.falaj.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AttemptsTest {

  @Test
  void aLaterRunStartsAboveEveryRetryOfTheRunBefore() {
    long start = Instant.parse("2026-11-23T12:00:00Z").toEpochMilli();
    int first = Attempts.firstAt(start);
    int lastRetry = first + RetryPolicy.DEFAULT.maxAttempts() - 1;

    assertThat(Attempts.firstAt(start + 1_000)).isGreaterThan(lastRetry);
  }

  @Test
  void attemptsArePositiveAndFitUntil2043() {
    assertThat(Attempts.firstAt(0)).isEqualTo(1);
    assertThat(Attempts.firstAt(Instant.parse("2042-12-31T00:00:00Z").toEpochMilli())).isPositive();
  }
}
