package ai.falaj.runtime.remote.limits;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.runtime.remote.limits.RateHeaders.Reading;
import ai.falaj.runtime.remote.limits.RateHeaders.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Rates, headers, breaker and hedges, each on a clock of the test's. */
class LimitsTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

  @Test
  void aBucketHoldsAMinutesWorthAndRefillsEvenly() {
    TokenBucket bucket = new TokenBucket(OptionalLong.of(60), 0);
    bucket.take(60, 0);

    assertThat(bucket.nanosUntil(1, 0)).isEqualTo(SECOND);
    assertThat(bucket.nanosUntil(1, SECOND)).isZero();
    assertThat(bucket.nanosUntil(30, SECOND)).isEqualTo(29 * SECOND);
    assertThat(bucket.nanosUntil(60, 1_000 * SECOND)).isZero();
    assertThat(bucket.nanosUntil(61, 1_000 * SECOND)).as("more than it ever holds").isZero();
  }

  @Test
  void aBucketGoesIntoDebtForWhatWasEstimatedTooLow() {
    TokenBucket bucket = new TokenBucket(OptionalLong.of(600), 0);
    bucket.take(100, 0);
    bucket.settle(-600);

    assertThat(bucket.nanosUntil(1, 0)).isEqualTo(101 * SECOND / 10);
  }

  @Test
  void aBucketLearnsTheServersLimitAndThatNothingIsLeft() {
    TokenBucket bucket = new TokenBucket(OptionalLong.empty(), 0);
    assertThat(bucket.nanosUntil(1_000_000, 0)).isZero();

    bucket.learnLimit(60);
    bucket.take(60, 0);
    assertThat(bucket.nanosUntil(1, 0)).isEqualTo(SECOND);

    bucket.learnEmpty(5 * SECOND, 0);
    assertThat(bucket.nanosUntil(1, 2 * SECOND)).isEqualTo(3 * SECOND);
    assertThat(bucket.nanosUntil(1, 5 * SECOND)).isZero();
  }

  @Test
  void aGateWaitsForTheLongestOfItsReasons() {
    RateGate gate = new RateGate(new RateLimits(60, 6_000), 0);
    for (int i = 0; i < 60; i++) {
      gate.sent(1, 100, 0);
    }
    assertThat(gate.nanosUntil(1, 100, 0)).isEqualTo(SECOND);

    gate.pause(Duration.ofSeconds(3), 0);
    gate.pause(Duration.ofSeconds(2), 0);
    assertThat(gate.nanosUntil(1, 100, 0)).isEqualTo(3 * SECOND);
    assertThat(gate.nanosUntil(1, 100, 3 * SECOND)).isZero();
  }

  @Test
  void readsTheHeadersOfOpenAiCerebrasAndAnthropic() {
    assertThat(
            read(
                Map.of(
                    "x-ratelimit-limit-requests", "500",
                    "x-ratelimit-remaining-requests", "0",
                    "x-ratelimit-reset-requests", "1m0.5s")))
        .containsExactly(
            new Reading(
                Unit.REQUESTS,
                true,
                OptionalLong.of(500),
                OptionalLong.of(0),
                Optional.of(Duration.ofMillis(60_500))));
    assertThat(
            read(
                Map.of(
                    "x-ratelimit-limit-requests-day", "14400",
                    "x-ratelimit-remaining-tokens-minute", "12",
                    "x-ratelimit-reset-tokens-minute", "11.25")))
        .containsExactly(
            new Reading(
                Unit.REQUESTS,
                false,
                OptionalLong.of(14_400),
                OptionalLong.empty(),
                Optional.empty()),
            new Reading(
                Unit.TOKENS,
                true,
                OptionalLong.empty(),
                OptionalLong.of(12),
                Optional.of(Duration.ofMillis(11_250))));
    assertThat(
            read(
                Map.of(
                    "anthropic-ratelimit-tokens-limit", "80000",
                    "anthropic-ratelimit-tokens-remaining", "0",
                    "anthropic-ratelimit-tokens-reset", "2026-11-24T00:00:07Z")))
        .containsExactly(
            new Reading(
                Unit.TOKENS,
                true,
                OptionalLong.of(80_000),
                OptionalLong.of(0),
                Optional.of(Duration.ofSeconds(7))));
    assertThat(read(Map.of("x-ratelimit-limit-tokens", "many"))).isEmpty();
  }

  @Test
  void readsRetryAfterAsSecondsMillisecondsAndDate() {
    assertThat(retryAfter("retry-after", "3")).hasValue(Duration.ofSeconds(3));
    assertThat(retryAfter("retry-after-ms", "250")).hasValue(Duration.ofMillis(250));
    assertThat(retryAfter("retry-after", "Tue, 24 Nov 2026 00:01:00 GMT"))
        .hasValue(Duration.ofMinutes(1));
    assertThat(retryAfter("retry-after", "Mon, 23 Nov 2026 00:01:00 GMT")).hasValue(Duration.ZERO);
    assertThat(retryAfter("retry-after", "-5")).hasValue(Duration.ZERO);
    assertThat(retryAfter("retry-after", "1e300")).hasValue(Duration.ofDays(1));
    assertThat(retryAfter("retry-after", "soon")).isEmpty();
  }

  @Test
  void hedgesWhatIsSlowerThanTheQuantileAndNoMoreThanTheShare() {
    HedgeTrigger hedges = new HedgeTrigger(new Hedging(0.9, Duration.ofMillis(50), 0.1));
    assertThat(hedges.delayNanos()).as("before it knows anything").isEqualTo(SECOND / 20);

    for (int i = 1; i <= 100; i++) {
      hedges.sent();
      hedges.onFirstToken(i * SECOND / 100);
    }
    assertThat(hedges.delayNanos()).isEqualTo(91 * SECOND / 100);

    int allowed = 0;
    while (hedges.tryHedge()) {
      allowed++;
    }
    assertThat(allowed).isEqualTo(10);
  }

  private static List<Reading> read(Map<String, String> headers) {
    return RateHeaders.read(name -> Optional.ofNullable(headers.get(name)), NOW);
  }

  private static Optional<Duration> retryAfter(String header, String value) {
    return RateHeaders.retryAfter(
        name -> name.equals(header) ? Optional.of(value) : Optional.empty(), NOW);
  }
}
