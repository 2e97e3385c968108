package ai.falaj.jobs.eval.metrics;

/**
 * Chance that at least one of k samples is right, from n samples of which c were: the unbiased
 * estimator {@code 1 - C(n-c, k) / C(n, k)} of Chen et al., "Evaluating Large Language Models
 * Trained on Code", 2021. With k = 1 it is the share of right samples, with k = n whether any was.
 */
public final class PassAtK {

  private PassAtK() {}

  /**
   * The estimate for one problem.
   *
   * @param samples n, at least k
   * @param correct c, 0 to n
   * @param k at least 1
   */
  public static double estimate(int samples, int correct, int k) {
    if (k < 1 || k > samples || correct < 0 || correct > samples) {
      throw new IllegalArgumentException(
          "pass@" + k + " of " + correct + " right among " + samples + " samples");
    }
    if (samples - correct < k) {
      return 1;
    }
    double allWrong = 1;
    for (int i = samples - correct + 1; i <= samples; i++) {
      allWrong *= 1 - (double) k / i;
    }
    return 1 - allWrong;
  }
}
