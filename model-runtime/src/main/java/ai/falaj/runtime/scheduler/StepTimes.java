package ai.falaj.runtime.scheduler;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;

/**
 * What steps cost, as measured: a step that only decodes, and what prompt tokens add to it.
 * Confined to the scheduler's owner.
 *
 * <p>Prompt tokens beside decoding sequences cost another pass over the weights and then something
 * each: a line, whose two coefficients are fitted to recent steps. A cost per token alone would
 * grow with every short chunk, ask for a shorter one and end at the shortest. Nothing tells what a
 * decoding step costs while every step prefills too, so from time to time one is to be planned
 * without ({@link #wantsDecodeStep}).
 */
final class StepTimes {

  /** Steps with prompts in a row, after which one without is wanted. */
  static final int MAX_MIXED_STEPS = 32;

  /** Weight of the newest step. */
  private static final double SMOOTHING = 0.2;

  /** Weight that steps keep when another one is measured: about the last fifty count. */
  private static final double MEMORY = 0.98;

  /** Chunks must differ by so much of their mean, for a slope to be more than noise. */
  private static final double LEAST_SPREAD = 0.05;

  private double decodeNanos;
  private int mixedSteps;

  private double weight;
  private double tokens;
  private double nanos;
  private double squaredTokens;
  private double tokensTimesNanos;
  private double nanosPerChunk;
  private double nanosPerToken;

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
      mixedSteps = 0;
    } else if (decodes == 0) {
      prefilled(prefillTokens, durationNanos);
    } else {
      mixedSteps++;
      if (decodeNanos > 0) {
        prefilled(prefillTokens, Math.max(0, durationNanos - decodeNanos));
      }
    }
  }

  /** Whether the cost of decoding alone has not been seen for long. */
  boolean wantsDecodeStep() {
    return mixedSteps >= MAX_MIXED_STEPS;
  }

  /**
   * Prompt tokens that stretch a decoding step by this factor, but as many as cost what the pass
   * over the weights costs that they need: with fewer, most of the time is not spent on them. All
   * there are while unknown.
   */
  int prefillTokensFor(double stretch, int most) {
    if (decodeNanos == 0 || nanosPerToken == 0) {
      return most;
    }
    double affordable = ((stretch - 1) * decodeNanos - nanosPerChunk) / nanosPerToken;
    double worthAPass = nanosPerChunk / nanosPerToken;
    double least = Math.max(SchedulerConfig.MIN_CHUNK_TOKENS, worthAPass);
    return (int) Math.min(most, Math.max(least, affordable));
  }

  /** Time to compute so many prompt tokens; 0 while unknown. */
  long prefillMs(int promptTokens) {
    return nanosPerToken == 0
        ? 0
        : (long) ((nanosPerChunk + promptTokens * nanosPerToken) / 1_000_000);
  }

  /** Fits the line again, by least squares over steps that count less the older they are. */
  private void prefilled(int chunkTokens, double chunkNanos) {
    weight = weight * MEMORY + 1;
    tokens = tokens * MEMORY + chunkTokens;
    nanos = nanos * MEMORY + chunkNanos;
    squaredTokens = squaredTokens * MEMORY + (double) chunkTokens * chunkTokens;
    tokensTimesNanos = tokensTimesNanos * MEMORY + chunkTokens * chunkNanos;
    double meanTokens = tokens / weight;
    double meanNanos = nanos / weight;
    double variance = squaredTokens / weight - meanTokens * meanTokens;
    double spread = LEAST_SPREAD * meanTokens;
    if (variance > spread * spread) {
      double covariance = tokensTimesNanos / weight - meanTokens * meanNanos;
      double slope = Math.max(0, Math.min(covariance / variance, meanNanos / meanTokens));
      nanosPerToken = slope;
    } else if (nanosPerToken == 0 || nanosPerToken > meanNanos / meanTokens) {
      nanosPerToken = meanNanos / meanTokens;
    }
    nanosPerChunk = Math.max(0, meanNanos - nanosPerToken * meanTokens);
  }

  private static double smooth(double old, double measured) {
    return old == 0 ? measured : old + SMOOTHING * (measured - old);
  }
}
