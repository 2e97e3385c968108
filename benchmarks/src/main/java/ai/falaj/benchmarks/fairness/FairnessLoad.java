package ai.falaj.benchmarks.fairness;

/**
 * Two tenants that both have more to do than the runtime can, then an urgent request, then a flood.
 *
 * @param weight of the greater tenant; the lesser has 1
 * @param promptTokens of every request
 * @param newTokens of every request but the probes', which have a few
 * @param seconds that the shares are measured, after the first window
 * @param windowSeconds of the sliding window that shares are taken over
 * @param probes urgent requests into the full runtime, one after the other; also single requests
 *     into the flood
 * @param flood requests of one tenant that wait while another tenant's single one comes
 */
public record FairnessLoad(
    int sequences,
    int weight,
    int promptTokens,
    int newTokens,
    int seconds,
    int windowSeconds,
    int probes,
    int flood,
    long seed) {

  public FairnessLoad {
    if (sequences < 1
        || weight < 1
        || promptTokens < 1
        || newTokens < 1
        || seconds < 1
        || windowSeconds < 1
        || probes < 1
        || flood < 1) {
      throw new IllegalArgumentException("every number of the load must be 1 or more");
    }
  }

  /** Part of the tokens that the greater tenant is to get. */
  double greaterShare() {
    return (double) weight / (weight + 1);
  }
}
