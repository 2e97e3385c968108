package ai.falaj.benchmarks.speculation;

/**
 * Answers that quote their prompts, one at a time.
 *
 * @param newTokens most tokens of an answer
 */
public record SpeculationLoad(int newTokens, int rounds) {

  public SpeculationLoad {
    if (newTokens < 2 || rounds < 1) {
      throw new IllegalArgumentException(
          "there are %d new tokens and %d rounds; they must be 2 and 1 or more"
              .formatted(newTokens, rounds));
    }
  }
}
