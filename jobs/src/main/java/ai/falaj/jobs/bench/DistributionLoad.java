package ai.falaj.jobs.bench;

/**
 * Prompts that are unevenly spread over partitions, with answers of very different lengths.
 *
 * @param prompts of a round
 * @param hotShare of the prompts that have one key, and so lie in one partition; the others have a
 *     key each
 * @param medianTokens of an answer; lengths are log-normal, so that few answers hold most tokens
 * @param taskManagers with one slot and one engine each
 * @param sequences that each engine runs at once
 * @param tokensPerSecond of each sequence
 * @param maxInFlight requests that a subtask holds at once
 * @param rounds of each way of distributing
 * @param seed decides lengths and places
 */
record DistributionLoad(
    int prompts,
    double hotShare,
    int medianTokens,
    int taskManagers,
    int sequences,
    double tokensPerSecond,
    int maxInFlight,
    int rounds,
    long seed) {

  DistributionLoad {
    if (prompts < 1 || rounds < 1 || sequences < 1 || maxInFlight < 1) {
      throw new IllegalArgumentException(
          "prompts are %d, rounds %d, sequences %d and in flight %d; they must be 1 or more"
              .formatted(prompts, rounds, sequences, maxInFlight));
    }
    if (!(hotShare >= 0 && hotShare <= 1)) {
      throw new IllegalArgumentException("hot share is " + hotShare + "; it must be 0 to 1");
    }
    if (medianTokens < 4 || medianTokens > 1_000) {
      throw new IllegalArgumentException(
          "median tokens are " + medianTokens + "; they must be 4 to 1000");
    }
    if (!(tokensPerSecond > 0 && tokensPerSecond <= 1_000)) {
      throw new IllegalArgumentException(
          "tokens per second are " + tokensPerSecond + "; they must be up to 1000");
    }
  }

  /** Tokens per second of all engines when none of their sequences is idle. */
  double capacity() {
    return taskManagers * sequences * tokensPerSecond;
  }
}
