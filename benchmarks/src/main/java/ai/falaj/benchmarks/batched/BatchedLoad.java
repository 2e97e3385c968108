package ai.falaj.benchmarks.batched;

import java.util.List;

/**
 * The shapes of a comparison with {@code llama-batched-bench}.
 *
 * @param sequences that run at once, one shape each
 * @param promptTokens of each sequence
 * @param newTokens that are decoded after the first token of all sequences
 * @param rounds of each shape
 * @param seed of the random prompts
 * @param warmUpSeconds of each shape, before it is measured
 */
public record BatchedLoad(
    List<Integer> sequences,
    int promptTokens,
    int newTokens,
    int rounds,
    long seed,
    int warmUpSeconds) {

  /** Sequences that all measurements of a round have together: few sequences are measured often. */
  private static final int SEQUENCES_PER_ROUND = 32;

  private static final int MAX_MEASUREMENTS = 8;
  private static final int MIN_MEASUREMENTS = 2;

  public BatchedLoad {
    sequences = List.copyOf(sequences);
    if (sequences.isEmpty() || sequences.stream().anyMatch(count -> count < 1)) {
      throw new IllegalArgumentException(
          "sequences are " + sequences + "; name one number or more, each 1 or more");
    }
    if (promptTokens < 1 || newTokens < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "there are %d prompt tokens, %d new tokens and %d rounds; all must be 1 or more"
              .formatted(promptTokens, newTokens, rounds));
    }
  }

  /** KV entries of one sequence: the first token comes with the prompt, the others follow. */
  int contextTokens() {
    return promptTokens + newTokens + 1;
  }

  /** How often a way is measured in one round. */
  static int measurements(int sequences) {
    return Math.max(MIN_MEASUREMENTS, Math.min(MAX_MEASUREMENTS, SEQUENCES_PER_ROUND / sequences));
  }
}
