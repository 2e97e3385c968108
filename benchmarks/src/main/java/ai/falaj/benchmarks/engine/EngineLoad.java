package ai.falaj.benchmarks.engine;

/**
 * The shape of an engine benchmark: all sequences start together, with as many prompt tokens and as
 * many new tokens each.
 *
 * @param modelSource path of a {@code .gguf} file, or a name of the catalogue
 * @param repetitions counted rounds; each runs both ways once, in alternating order
 */
public record EngineLoad(
    String modelSource,
    int sequences,
    int promptTokens,
    int newTokens,
    int threads,
    int repetitions) {

  public EngineLoad {
    requirePositive("sequences", sequences);
    requirePositive("prompt tokens", promptTokens);
    requirePositive("new tokens", newTokens);
    requirePositive("threads", threads);
    requirePositive("repetitions", repetitions);
  }

  /** KV entries that one sequence needs. */
  int contextTokens() {
    return promptTokens + newTokens;
  }

  /** Tokens that a round generates. */
  long generatedTokens() {
    return (long) sequences * newTokens;
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
    }
  }
}
