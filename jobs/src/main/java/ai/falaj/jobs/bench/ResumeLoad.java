package ai.falaj.jobs.bench;

/**
 * Generations that a kill interrupts.
 *
 * @param generations at once
 * @param tokens of each
 * @param tokensPerSecond of each
 * @param checkpointSeconds between checkpoints
 * @param rounds kills
 * @param seed decides when, in the second half of the generations, a TaskManager is killed
 */
record ResumeLoad(
    int generations,
    int tokens,
    double tokensPerSecond,
    double checkpointSeconds,
    int rounds,
    long seed) {

  ResumeLoad {
    if (generations < 1 || tokens < 10 || rounds < 1) {
      throw new IllegalArgumentException(
          "generations are %d, tokens %d and rounds %d; they must be 1, 10 and 1 or more"
              .formatted(generations, tokens, rounds));
    }
    if (!(tokensPerSecond > 0 && tokensPerSecond <= 1_000) || !(checkpointSeconds >= 0.1)) {
      throw new IllegalArgumentException(
          "tokens per second are %s and seconds between checkpoints %s; they must be up to 1000 and 0.1 or more"
              .formatted(tokensPerSecond, checkpointSeconds));
    }
  }
}
