package ai.falaj.runtime.remote.limits;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what servers say of their limits in response headers. What cannot be read is passed over:
 * the next answer says it again.
 *
 * <p>OpenAI writes {@code x-ratelimit-remaining-requests} and resets such as {@code 6m0s}; Cerebras
 * the same with the period behind it ({@code -requests-day}, {@code -tokens-minute}) and seconds;
 * Anthropic {@code anthropic-ratelimit-requests-remaining} and instants.
 */
public final class RateHeaders {

  /** What is counted. */
  public enum Unit {
    REQUESTS,
    TOKENS
  }

  /**
   * What the headers said of one limit.
   *
   * @param perMinute whether {@code limit} is one per minute, and not per day
   */
  public record Reading(
      Unit unit,
      boolean perMinute,
      OptionalLong limit,
      OptionalLong remaining,
      Optional<Duration> resetAfter) {}

  /** How one server names the three headers of one limit. */
  private record Names(Unit unit, boolean perMinute, String limit, String remaining, String reset) {

    static Names openAi(Unit unit, boolean perMinute, String suffix) {
      String prefix = "x-ratelimit-";
      return new Names(
          unit,
          perMinute,
          prefix + "limit-" + suffix,
          prefix + "remaining-" + suffix,
          prefix + "reset-" + suffix);
    }

    static Names anthropic(Unit unit, String of) {
      String prefix = "anthropic-ratelimit-" + of + "-";
      return new Names(unit, true, prefix + "limit", prefix + "remaining", prefix + "reset");
    }
  }

  private static final List<Names> KNOWN =
      List.of(
          Names.openAi(Unit.REQUESTS, true, "requests"),
          Names.openAi(Unit.TOKENS, true, "tokens"),
          Names.openAi(Unit.REQUESTS, true, "requests-minute"),
          Names.openAi(Unit.REQUESTS, false, "requests-hour"),
          Names.openAi(Unit.REQUESTS, false, "requests-day"),
          Names.openAi(Unit.TOKENS, true, "tokens-minute"),
          Names.openAi(Unit.TOKENS, false, "tokens-hour"),
          Names.openAi(Unit.TOKENS, false, "tokens-day"),
          Names.anthropic(Unit.REQUESTS, "requests"),
          Names.anthropic(Unit.TOKENS, "tokens"));

  private static final Pattern UNIT_OF_TIME = Pattern.compile("([0-9.]+)(ms|s|m|h|d)");
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private RateHeaders() {}

  /**
   * @param header gives the first value of a header by its lower-case name
   */
  public static List<Reading> read(Function<String, Optional<String>> header, Instant now) {
    List<Reading> readings = new ArrayList<>();
    for (Names names : KNOWN) {
      OptionalLong limit = number(header.apply(names.limit()));
      OptionalLong remaining = number(header.apply(names.remaining()));
      if (limit.isPresent() || remaining.isPresent()) {
        Optional<Duration> reset =
            header.apply(names.reset()).flatMap(value -> duration(value, now));
        readings.add(new Reading(names.unit(), names.perMinute(), limit, remaining, reset));
      }
    }
    return readings;
  }

  /** What {@code Retry-After} asks for: seconds, or a date as HTTP writes it. */
  public static Optional<Duration> retryAfter(
      Function<String, Optional<String>> header, Instant now) {
    Optional<Duration> millis = header.apply("retry-after-ms").flatMap(RateHeaders::milliseconds);
    return millis.isPresent()
        ? millis
        : header.apply("retry-after").flatMap(value -> duration(value, now));
  }

  private static Optional<Duration> milliseconds(String value) {
    return number(value).map(ms -> bounded(Duration.ofNanos((long) (ms * 1e6))));
  }

  private static Optional<Duration> duration(String value, Instant now) {
    Optional<Double> seconds = number(value);
    if (seconds.isPresent()) {
      return Optional.of(bounded(Duration.ofNanos((long) (Math.min(seconds.get(), 1e6) * 1e9))));
    }
    Matcher units = UNIT_OF_TIME.matcher(value);
    if (units.lookingAt()) {
      return sum(value);
    }
    return instant(value).map(at -> bounded(Duration.between(now, at)));
  }

  /** A sum such as {@code 1h6m0.5s}. */
  private static Optional<Duration> sum(String value) {
    Matcher units = UNIT_OF_TIME.matcher(value);
    double seconds = 0;
    int end = 0;
    while (units.find() && units.start() == end) {
      Optional<Double> count = number(units.group(1));
      if (count.isEmpty()) {
        return Optional.empty();
      }
      seconds += count.get() * secondsOf(units.group(2));
      end = units.end();
    }
    return end == value.length()
        ? Optional.of(bounded(Duration.ofNanos((long) (Math.min(seconds, 1e6) * 1e9))))
        : Optional.empty();
  }

  private static double secondsOf(String unit) {
    return switch (unit) {
      case "ms" -> 0.001;
      case "s" -> 1;
      case "m" -> 60;
      case "h" -> 3_600;
      default -> 86_400;
    };
  }

  private static Optional<Instant> instant(String value) {
    try {
      return Optional.of(Instant.parse(value));
    } catch (DateTimeParseException notThat) {
      try {
        return Optional.of(
            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      } catch (DateTimeParseException neither) {
        return Optional.empty();
      }
    }
  }

  private static OptionalLong number(Optional<String> value) {
    Optional<Double> number = value.flatMap(RateHeaders::number);
    return number.isPresent() ? OptionalLong.of(number.get().longValue()) : OptionalLong.empty();
  }

  private static Optional<Double> number(String value) {
    try {
      double number = Double.parseDouble(value.trim());
      return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Duration bounded(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }
}
