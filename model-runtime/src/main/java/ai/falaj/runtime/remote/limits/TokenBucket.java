package ai.falaj.runtime.remote.limits;

import java.util.OptionalLong;

/**
 * So much per minute, and at most a minute's worth at once.
 *
 * <p>What is taken may turn out to have been more or less: {@link #settle} corrects it, into debt
 * where need be, which the next takers wait for. A server that says what it has left ({@link
 * #learn}) knows better than we do: others use the same key.
 */
public final class TokenBucket {

  private static final double NANOS_PER_MINUTE = 60e9;

  private double perMinute;
  private double available;
  private long updatedAtNanos;
  private long emptyUntilNanos;
  private boolean emptied;

  /**
   * @param perMinute absent: without a limit until the server names one
   */
  public TokenBucket(OptionalLong perMinute, long nowNanos) {
    this.perMinute = perMinute.isPresent() ? perMinute.getAsLong() : Double.POSITIVE_INFINITY;
    this.available = this.perMinute;
    this.updatedAtNanos = nowNanos;
    if (perMinute.isPresent() && perMinute.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "the limit is %d per minute; it must be 1 or more".formatted(perMinute.getAsLong()));
    }
  }

  /** How long until so much can be taken; 0 where it can be now. */
  public long nanosUntil(double amount, long nowNanos) {
    refill(nowNanos);
    if (emptied) {
      return emptyUntilNanos - nowNanos;
    }
    double wanted = Math.min(amount, perMinute); // more than a minute's worth waits for a full one
    if (available >= wanted) {
      return 0;
    }
    return (long) Math.ceil((wanted - available) / perMinute * NANOS_PER_MINUTE);
  }

  /** Takes so much, whether it is there or not; ask {@link #nanosUntil} before. */
  public void take(double amount, long nowNanos) {
    refill(nowNanos);
    available -= amount;
  }

  /** Gives back what was taken too much, or takes what was taken too little (negative). */
  public void settle(double surplus) {
    available = Math.min(perMinute, available + surplus);
  }

  /** The server says what its limit is. A limit of our own stays where it is lower. */
  public void learnLimit(long limitPerMinute) {
    if (limitPerMinute >= 1 && limitPerMinute < perMinute) {
      available = Math.min(available, limitPerMinute);
      perMinute = limitPerMinute;
    }
  }

  /**
   * The server says that nothing is left.
   *
   * @param forNanos how long
   */
  public void learnEmpty(long forNanos, long nowNanos) {
    emptied = true;
    emptyUntilNanos = Math.max(emptyUntilNanos, nowNanos + forNanos);
  }

  private void refill(long nowNanos) {
    if (emptied && nowNanos - emptyUntilNanos >= 0) {
      emptied = false;
    }
    if (perMinute != Double.POSITIVE_INFINITY) {
      double refilled = (nowNanos - updatedAtNanos) / NANOS_PER_MINUTE * perMinute;
      available = Math.min(perMinute, available + refilled);
    }
    updatedAtNanos = nowNanos;
  }
}
