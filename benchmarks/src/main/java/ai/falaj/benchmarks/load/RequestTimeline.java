package ai.falaj.benchmarks.load;

import java.util.Arrays;

/**
 * When one request came, spoke and ended, on the clock of {@link System#nanoTime()}. Immutable.
 *
 * <p>An engine may tell several tokens at once, or tell a token late because its text was
 * unfinished; so there may be fewer times than tokens.
 */
public final class RequestTimeline {

  private static final double NANOS_PER_MILLI = 1e6;

  private final long submittedNanos;
  private final long[] tokenNanos;
  private final long endedNanos;
  private final int tokens;

  /**
   * @param tokenNanos when tokens were told, in order; at least one
   * @param tokens that were generated
   */
  public RequestTimeline(long submittedNanos, long[] tokenNanos, long endedNanos, int tokens) {
    if (tokenNanos.length == 0) {
      throw new IllegalArgumentException("a request that ended without a token has no timeline");
    }
    this.submittedNanos = submittedNanos;
    this.tokenNanos = tokenNanos.clone();
    this.endedNanos = endedNanos;
    this.tokens = tokens;
  }

  public long submittedNanos() {
    return submittedNanos;
  }

  public long endedNanos() {
    return endedNanos;
  }

  public int tokens() {
    return tokens;
  }

  public long firstTokenNanos() {
    return tokenNanos[0];
  }

  /** When the last token was told. */
  public long lastTokenNanos() {
    return tokenNanos[tokenNanos.length - 1];
  }

  public double timeToFirstTokenMs() {
    return (firstTokenNanos() - submittedNanos) / NANOS_PER_MILLI;
  }

  /** Tokens told after {@code fromNanos} and not after {@code toNanos}. */
  public long tokensBetween(long fromNanos, long toNanos) {
    return Arrays.stream(tokenNanos)
        .filter(nanos -> nanos - fromNanos > 0 && nanos - toNanos <= 0)
        .count();
  }

  /** The time of a token that is nearest to {@code nanos}. */
  long tokenNearest(long nanos) {
    return Arrays.stream(tokenNanos)
        .boxed()
        .min((a, b) -> Long.compare(Math.abs(a - nanos), Math.abs(b - nanos)))
        .orElseThrow();
  }
}
