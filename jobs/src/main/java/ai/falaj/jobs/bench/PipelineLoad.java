package ai.falaj.jobs.bench;

import ai.falaj.runtime.ChatMessage;
import java.util.List;

/**
 * The shape of a pipeline benchmark: distinct prompts, greedy, that a model rarely ends by itself.
 *
 * @param requests of one round
 * @param newTokens most tokens that each completion has
 * @param rounds counted rounds; each runs engine and pipeline once, in alternating order
 */
record PipelineLoad(int requests, int newTokens, int rounds) {

  PipelineLoad {
    requirePositive("requests", requests);
    requirePositive("new tokens", newTokens);
    requirePositive("rounds", rounds);
  }

  /** What request {@code index} of a round asks; the same in every round and on both ways. */
  List<ChatMessage> messages(int index) {
    return List.of(
        new ChatMessage(
            "user",
            "Tell a long story about channel number "
                + index
                + " that carries water to the date palms."));
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
    }
  }
}
