package ai.falaj.benchmarks.fairness;

import java.util.concurrent.atomic.AtomicLongArray;

/** Tokens by the second in which they came. Any thread adds; read it when nobody adds any more. */
final class TokensPerSecond {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long originNanos;
  private final AtomicLongArray seconds;

  /**
   * @param seconds that are counted; what comes later is not
   */
  TokensPerSecond(long originNanos, int seconds) {
    this.originNanos = originNanos;
    this.seconds = new AtomicLongArray(seconds);
  }

  void add(long nowNanos, int tokens) {
    long second = Math.floorDiv(nowNanos - originNanos, NANOS_PER_SECOND);
    if (second >= 0 && second < seconds.length()) {
      seconds.addAndGet((int) second, tokens);
    }
  }

  long[] toArray() {
    long[] copy = new long[seconds.length()];
    for (int second = 0; second < copy.length; second++) {
      copy[second] = seconds.get(second);
    }
    return copy;
  }
}
