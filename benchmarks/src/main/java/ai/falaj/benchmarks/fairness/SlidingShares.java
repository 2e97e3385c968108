package ai.falaj.benchmarks.fairness;

import java.util.Arrays;

/**
 * Shares of one of two tenants over every window of some length.
 *
 * @param lowest share of any window
 * @param highest share of any window
 * @param overall share of all the time
 */
public record SlidingShares(double lowest, double highest, double overall) {

  /**
   * @param one tokens of the tenant, per second
   * @param other tokens of the other tenant, in the same seconds
   * @throws IllegalArgumentException if the time is shorter than a window, or nobody got a token in
   *     one of them
   */
  static SlidingShares of(long[] one, long[] other, int windowSeconds) {
    if (one.length != other.length || one.length < windowSeconds) {
      throw new IllegalArgumentException(
          "there are %d and %d seconds, and a window has %d"
              .formatted(one.length, other.length, windowSeconds));
    }
    double lowest = 1;
    double highest = 0;
    for (int from = 0; from + windowSeconds <= one.length; from++) {
      double share = share(one, other, from, from + windowSeconds);
      lowest = Math.min(lowest, share);
      highest = Math.max(highest, share);
    }
    return new SlidingShares(lowest, highest, share(one, other, 0, one.length));
  }

  /**
   * How far any window is off, for whichever of the two tenants it is more of its own share.
   *
   * @param entitled share that the tenant was to get
   * @return a part of the share: 0.05 where a tenant of a quarter had 0.2375 or 0.2625
   */
  double largestDeviation(double entitled) {
    double off = Math.max(entitled - lowest, highest - entitled);
    return off / Math.min(entitled, 1 - entitled);
  }

  private static double share(long[] one, long[] other, int from, int to) {
    long ours = Arrays.stream(one, from, to).sum();
    long theirs = Arrays.stream(other, from, to).sum();
    if (ours + theirs == 0) {
      throw new IllegalArgumentException(
          "nobody got a token from second %d to %d".formatted(from, to));
    }
    return (double) ours / (ours + theirs);
  }
}
