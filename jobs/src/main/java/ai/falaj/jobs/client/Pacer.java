package ai.falaj.jobs.client;

/**
 * Spreads events evenly at a given rate. An event that comes late is not made up for by a burst of
 * more than one second's worth. Pure but for its own count; confined to one thread.
 */
final class Pacer {

  private static final long NANOS = 1_000_000_000L;

  private final double perSecond;
  private double nextNanos;
  private boolean started;

  /**
   * @param perSecond events per second; infinite: no pause ever
   */
  Pacer(double perSecond) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("rate is " + perSecond + "; it must be above 0");
    }
    this.perSecond = perSecond;
  }

  /** How long to wait from now until the next event may happen; counts that event. */
  long nanosUntilNext(long nowNanos) {
    if (!started) {
      started = true;
      nextNanos = nowNanos;
    }
    nextNanos = Math.max(nextNanos, nowNanos - (double) NANOS);
    long wait = Math.max(0, (long) (nextNanos - nowNanos));
    nextNanos += NANOS / perSecond;
    return wait;
  }
}
