package ai.falaj.benchmarks.kv;

/**
 * What is measured.
 *
 * @param prefixTokens tokens that are computed, and copied
 * @param steps decoding steps of one measurement
 * @param rounds counted rounds
 */
public record KvLoad(int prefixTokens, int steps, int rounds) {

  public KvLoad {
    if (prefixTokens < 1 || steps < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "prefix tokens %d, steps %d and rounds %d must be 1 or more"
              .formatted(prefixTokens, steps, rounds));
    }
  }
}
