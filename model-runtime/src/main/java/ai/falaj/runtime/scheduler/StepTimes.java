package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;

/**
 * What steps cost, as measured: a step that only decodes, and each prompt token on top. Confined to
 * the scheduler's owner.
 */
final class StepTimes {

  /** Weight of the newest step. */
  private static final double SMOOTHING = 0.2;

  private double decodeNanos;
  private double prefillNanosPerToken;

  void measured(StepPlan plan, long durationNanos) {
    if (durationNanos <= 0) {
      return;
    }
    int prefillTokens = 0;
    int decodes = 0;
    for (SequenceWork work : plan.work()) {
      if (work.tokenCount() > 1) {
        prefillTokens += work.tokenCount();
      } else {
        decodes++;
      }
    }
    if (prefillTokens == 0) {
      decodeNanos = smooth(decodeNanos, durationNanos);
    } else if (decodes == 0) {
      prefillNanosPerToken = smooth(prefillNanosPerToken, (double) durationNanos / prefillTokens);
    } else if (decodeNanos > 0) {
      double prefill = Math.max(0, durationNanos - decodeNanos);
      prefillNanosPerToken = smooth(prefillNanosPerToken, prefill / prefillTokens);
    }
  }

  /** Prompt tokens that stretch a decoding step by this factor; all there are while unknown. */
  int prefillTokensFor(double stretch, int most) {
    if (decodeNanos == 0 || prefillNanosPerToken == 0) {
      return most;
    }
    double tokens = (stretch - 1) * decodeNanos / prefillNanosPerToken;
    return (int) Math.min(most, Math.max(SchedulerConfig.MIN_CHUNK_TOKENS, tokens));
  }

  /** Time to compute so many prompt tokens; 0 while unknown. */
  long prefillMs(int tokens) {
    return (long) (tokens * prefillNanosPerToken / 1_000_000);
  }

  private static double smooth(double old, double measured) {
    return old == 0 ? measured : old + SMOOTHING * (measured - old);
  }
}
