package ai.falaj.runtime.models;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a download is tried again.
 *
 * @param connectAttempts before the server has answered for the first time
 * @param attempts in a row that brought no new byte, once it has
 * @param firstDelay doubles with each attempt, give or take a fifth
 * @param maxDelay no wait is longer, whatever the server asks for
 * @param stallTimeout a connection that brings nothing for so long counts as broken
 */
record RetryPolicy(
    int connectAttempts,
    int attempts,
    Duration firstDelay,
    Duration maxDelay,
    Duration stallTimeout) {

  static final RetryPolicy DEFAULT =
      new RetryPolicy(2, 6, Duration.ofSeconds(1), Duration.ofMinutes(2), Duration.ofSeconds(60));

  /**
   * @param failures in a row, from 1
   * @param retryAfter the server's header of that name: seconds, or an HTTP date
   */
  Duration delay(int failures, Optional<String> retryAfter, Instant now) {
    Duration delay =
        retryAfter
            .flatMap(value -> parseRetryAfter(value, now))
            .orElseGet(
                () -> {
                  double factor = (1L << Math.min(failures - 1, 20)) * (0.8 + jitter());
                  return Duration.ofMillis((long) (firstDelay.toMillis() * factor));
                });
    return delay.compareTo(maxDelay) > 0 ? maxDelay : delay;
  }

  private static double jitter() {
    return 0.4 * ThreadLocalRandom.current().nextDouble();
  }

  private static Optional<Duration> parseRetryAfter(String value, Instant now) {
    try {
      return Optional.of(Duration.ofSeconds(Math.max(0, Long.parseLong(value.strip()))));
    } catch (NumberFormatException notSeconds) {
      try {
        Instant date =
            ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        return Optional.of(date.isAfter(now) ? Duration.between(now, date) : Duration.ZERO);
      } catch (DateTimeParseException neither) {
        return Optional.empty();
      }
    }
  }
}
