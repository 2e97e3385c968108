package ai.falaj.benchmarks.simulation.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Generates loads with the moments of a trace, for those who have no trace at hand.
 *
 * <p>Lengths are lognormal and independent of each other. Arrivals come in bursts of geometric
 * size; bursts are a Poisson process whose rate is drawn anew every minute from a lognormal
 * distribution. Fitted to the Azure traces of 2023: means and standard deviations of the logarithms
 * of the lengths, the dispersion (variance by mean) of arrivals per second for the size of bursts,
 * and that of arrivals per minute for the spread of the rate.
 *
 * @param name as options name it
 * @param requestsPerSecond on average
 * @param meanBurst requests of a burst, 1 or more
 * @param rateSigma standard deviation of the logarithm of a minute's rate
 * @param promptMu mean of the logarithm of prompt tokens
 * @param promptSigma its standard deviation
 * @param maxPromptTokens longest prompt of the trace
 * @param newMu mean of the logarithm of generated tokens
 * @param newSigma its standard deviation
 * @param maxNewTokens longest completion of the trace
 */
public record SyntheticWorkload(
    String name,
    double requestsPerSecond,
    double meanBurst,
    double rateSigma,
    double promptMu,
    double promptSigma,
    int maxPromptTokens,
    double newMu,
    double newSigma,
    int maxNewTokens) {

  /**
   * Fitted to {@code conv.csv}: 19,366 requests, 5.5 per second, 1,155 prompt and 211 generated
   * tokens on average; dispersion 1.39 per second and 16.1 per minute.
   */
  public static final SyntheticWorkload CONVERSATION =
      new SyntheticWorkload(
          "conversation", 5.53, 1.19, 0.21, 6.633, 0.985, 14_050, 5.019, 0.859, 1_000);

  /**
   * Fitted to {@code code.csv}: 8,819 requests, 2.6 per second, 2,048 prompt and 28 generated
   * tokens on average; dispersion 13.2 per second and 164 per minute.
   */
  public static final SyntheticWorkload CODE =
      new SyntheticWorkload("code", 2.57, 7.1, 0.85, 6.999, 1.360, 7_437, 2.788, 0.847, 1_899);

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double RATE_SPAN_NANOS = 60e9;

  public static Optional<SyntheticWorkload> named(String name) {
    return List.of(CONVERSATION, CODE).stream()
        .filter(workload -> workload.name.equals(name))
        .findFirst();
  }

  /** The same count and seed always give the same trace. */
  public Trace generate(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TraceRequest> requests = new ArrayList<>(count);
    double nowNanos = 0;
    double spanEndNanos = 0;
    double burstsPerNano = 0;
    while (requests.size() < count) {
      if (nowNanos >= spanEndNanos) {
        nowNanos = spanEndNanos;
        spanEndNanos += RATE_SPAN_NANOS;
        burstsPerNano = drawRate(random);
      }
      nowNanos += -Math.log(1 - random.nextDouble()) / burstsPerNano;
      if (nowNanos >= spanEndNanos) {
        continue; // the next minute has a rate of its own; exponential gaps have no memory
      }
      int burst = 1;
      while (random.nextDouble() < 1 - 1 / meanBurst) {
        burst++;
      }
      for (int index = 0; index < burst && requests.size() < count; index++) {
        requests.add(draw(random, requests.size(), Math.round(nowNanos)));
      }
    }
    return new Trace("synthetic " + name, requests);
  }

  private double drawRate(SplittableRandom random) {
    double meanOfLogNormal = Math.exp(rateSigma * rateSigma / 2);
    return requestsPerSecond
        / NANOS_PER_SECOND
        / meanBurst
        * Math.exp(rateSigma * random.nextGaussian())
        / meanOfLogNormal;
  }

  private TraceRequest draw(SplittableRandom random, long id, long arrivalNanos) {
    return new TraceRequest(
        id,
        arrivalNanos,
        length(random, promptMu, promptSigma, maxPromptTokens),
        length(random, newMu, newSigma, maxNewTokens),
        "");
  }

  private static int length(SplittableRandom random, double mu, double sigma, int max) {
    double drawn = Math.exp(mu + sigma * random.nextGaussian());
    return (int) Math.max(1, Math.min(max, Math.round(drawn)));
  }
}
