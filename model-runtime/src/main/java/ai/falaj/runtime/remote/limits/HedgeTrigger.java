package ai.falaj.runtime.remote.limits;

import java.util.Arrays;

/**
 * When a request that has no first token yet is asked a second time: after the {@link Hedging}'s
 * quantile of the last {@value #WINDOW} waits, and not before its least delay. Extra requests are
 * bounded to a share of all, so that a server which is slow for everybody is not asked twice as
 * much.
 */
public final class HedgeTrigger {

  static final int WINDOW = 256;

  private static final int LEAST_SAMPLES = 20;

  private final Hedging hedging;
  private final long[] waits = new long[WINDOW];
  private long count;
  private long requests;
  private long hedges;

  public HedgeTrigger(Hedging hedging) {
    this.hedging = hedging;
  }

  /** A request was sent, hedges not counted. */
  public void sent() {
    requests++;
  }

  /** A first token came so long after its request was sent. */
  public void onFirstToken(long waitNanos) {
    waits[(int) (count++ % WINDOW)] = waitNanos;
  }

  /** How long to wait before the second request. */
  public long delayNanos() {
    int known = (int) Math.min(count, WINDOW);
    if (known < LEAST_SAMPLES) {
      return hedging.atLeast().toNanos();
    }
    long[] sorted = Arrays.copyOf(waits, known);
    Arrays.sort(sorted);
    long slow = sorted[Math.min(known - 1, (int) (hedging.quantile() * known))];
    return Math.max(hedging.atLeast().toNanos(), slow);
  }

  /** Asks for one extra request, and counts it where it is allowed. */
  public boolean tryHedge() {
    if (hedges + 1 > hedging.maxShare() * requests) {
      return false;
    }
    hedges++;
    return true;
  }
}
