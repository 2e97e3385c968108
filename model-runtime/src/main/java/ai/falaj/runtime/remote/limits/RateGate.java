package ai.falaj.runtime.remote.limits;

import ai.falaj.runtime.remote.limits.RateHeaders.Reading;
import java.time.Duration;
import java.util.List;

/**
 * When the next request may be sent: two token buckets and what the server said last.
 *
 * <p>A request's tokens are not known before its end. It is charged an estimate when it is sent and
 * the difference when it has ended, so that the limit holds in the mean of a minute.
 */
public final class RateGate {

  private final TokenBucket requests;
  private final TokenBucket tokens;
  private long pausedUntilNanos;
  private boolean paused;

  public RateGate(RateLimits limits, long nowNanos) {
    this.requests = new TokenBucket(limits.requests(), nowNanos);
    this.tokens = new TokenBucket(limits.tokens(), nowNanos);
  }

  /** How long a request of so many tokens has to wait; 0 where it can go now. */
  public long nanosUntil(int requestCount, long estimatedTokens, long nowNanos) {
    long buckets =
        Math.max(
            requests.nanosUntil(requestCount, nowNanos),
            tokens.nanosUntil(estimatedTokens, nowNanos));
    return Math.max(buckets, pausedNanos(nowNanos));
  }

  /** How long the server asked to be left alone from now on; 0 where it did not. */
  public long pausedNanos(long nowNanos) {
    if (paused && nowNanos - pausedUntilNanos >= 0) {
      paused = false;
    }
    return paused ? pausedUntilNanos - nowNanos : 0;
  }

  /** A request was sent. */
  public void sent(int requestCount, long estimatedTokens, long nowNanos) {
    requests.take(requestCount, nowNanos);
    tokens.take(estimatedTokens, nowNanos);
  }

  /** A request ended that had been estimated. */
  public void ended(long estimatedTokens, long usedTokens) {
    tokens.settle(estimatedTokens - usedTokens);
  }

  /** The server asked to be left alone. */
  public void pause(Duration wait, long nowNanos) {
    long until = nowNanos + wait.toNanos();
    if (!paused || until - pausedUntilNanos > 0) {
      pausedUntilNanos = until;
    }
    paused = true;
  }

  /** What a response's headers said. */
  public void learn(List<Reading> readings, long nowNanos) {
    for (Reading reading : readings) {
      TokenBucket bucket = reading.unit() == RateHeaders.Unit.REQUESTS ? requests : tokens;
      if (reading.perMinute()) {
        reading.limit().ifPresent(bucket::learnLimit);
      }
      if (reading.remaining().isPresent()
          && reading.remaining().getAsLong() <= 0
          && reading.resetAfter().isPresent()) {
        bucket.learnEmpty(reading.resetAfter().get().toNanos(), nowNanos);
      }
    }
  }
}
