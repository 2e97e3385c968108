package ai.falaj.benchmarks.simulation;

import java.util.Arrays;

/** Measures of how a capacity was divided. */
final class Fairness {

  private Fairness() {}

  /**
   * The weighted max-min fair division of all that was served: nobody gets more than it demanded,
   * and who is left short gets shares in proportion of the weights (water filling).
   */
  static double[] entitlements(long[] served, long[] demanded, double[] weights) {
    double left = Arrays.stream(served).sum();
    double[] entitled = new double[served.length];
    boolean[] content = new boolean[served.length];
    while (true) {
      double openWeight = 0;
      for (int index = 0; index < weights.length; index++) {
        openWeight += content[index] ? 0 : weights[index];
      }
      boolean changed = false;
      double level = openWeight == 0 ? 0 : left / openWeight;
      for (int index = 0; index < weights.length; index++) {
        if (!content[index] && demanded[index] <= level * weights[index]) {
          content[index] = true;
          changed = true;
          entitled[index] = demanded[index];
          left -= demanded[index];
        }
      }
      if (!changed) {
        for (int index = 0; index < weights.length; index++) {
          if (!content[index]) {
            entitled[index] = level * weights[index];
          }
        }
        return entitled;
      }
    }
  }

  /**
   * Jain's index of what each got of what it was entitled to: 1 when all got the same part of it,
   * 1/n when one of n got everything (Jain, Chiu and Hawe, DEC-TR-301, 1984).
   */
  static double jainIndex(long[] served, double[] entitled) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int index = 0; index < served.length; index++) {
      if (entitled[index] > 0) {
        double part = served[index] / entitled[index];
        sum += part;
        squares += part * part;
        count++;
      }
    }
    return squares == 0 ? 1 : sum * sum / (count * squares);
  }

  /** Largest difference between a tenant's share of the tokens and its share of the weights. */
  static double maxShareError(long[] tokens, double[] weights) {
    double allTokens = Math.max(1, Arrays.stream(tokens).sum());
    double allWeights = Arrays.stream(weights).sum();
    double worst = 0;
    for (int index = 0; index < tokens.length; index++) {
      worst = Math.max(worst, Math.abs(tokens[index] / allTokens - weights[index] / allWeights));
    }
    return worst;
  }
}
