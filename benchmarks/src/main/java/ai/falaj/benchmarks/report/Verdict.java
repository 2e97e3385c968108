package ai.falaj.benchmarks.report;

/**
 * One figure of a benchmark and what it was to be.
 *
 * @param what is measured, as a few words
 * @param value a ratio, a share or a count; the words say which
 * @param bound which side of the target is good
 * @param met whether it is on that side
 */
public record Verdict(String what, double value, Bound bound, double target, boolean met) {

  /** Which side of a target is good. */
  public enum Bound {
    AT_LEAST,
    AT_MOST
  }

  public static Verdict atLeast(double target, String what, double value) {
    return new Verdict(what, value, Bound.AT_LEAST, target, value >= target);
  }

  public static Verdict atMost(double target, String what, double value) {
    return new Verdict(what, value, Bound.AT_MOST, target, value <= target);
  }
}
