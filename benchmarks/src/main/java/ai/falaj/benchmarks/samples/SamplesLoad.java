package ai.falaj.benchmarks.samples;

/**
 * Prompts that are answered once and several times, in turn.
 *
 * @param pairs of one round: a request of one sample and one of {@code samples}
 * @param newTokens of each sample
 */
public record SamplesLoad(
    int samples, int promptTokens, int newTokens, int pairs, int rounds, long seed) {

  public SamplesLoad {
    if (samples < 2 || promptTokens < 1 || newTokens < 1 || pairs < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "samples must be 2 or more, every other number of the load 1 or more");
    }
  }
}
