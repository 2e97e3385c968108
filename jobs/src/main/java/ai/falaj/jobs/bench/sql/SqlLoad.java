package ai.falaj.jobs.bench.sql;

import ai.falaj.benchmarks.llamatools.ServerVariant;
import java.util.List;

/**
 * Records that one instruction is applied to.
 *
 * @param sequences slots of the engines
 * @param inFlight records that wait for an answer at once, on every way
 * @param instructionWords of the instruction, about as many tokens
 * @param recordWords of each record, about as many tokens
 * @param newTokens most tokens of an answer
 * @param records of one round
 * @param server how {@code llama-server} runs
 * @param clients numbers of HTTP clients that Flink's own provider is run with
 */
public record SqlLoad(
    int sequences,
    int inFlight,
    int instructionWords,
    int recordWords,
    int newTokens,
    int records,
    int rounds,
    long seed,
    ServerVariant server,
    List<Integer> clients) {

  /** Tokens of the chat template, and words that are more than one. */
  private static final int ROOM_TOKENS = 64;

  private static final double TOKENS_PER_WORD = 1.25;

  public SqlLoad {
    clients = List.copyOf(clients);
    if (sequences < 1
        || inFlight < 1
        || instructionWords < 1
        || recordWords < 1
        || newTokens < 1
        || records < 1
        || rounds < 1
        || clients.stream().anyMatch(count -> count < 1)) {
      throw new IllegalArgumentException("every number of the load must be 1 or more");
    }
  }

  int contextTokens() {
    return (int) ((instructionWords + recordWords) * TOKENS_PER_WORD) + newTokens + ROOM_TOKENS;
  }
}
