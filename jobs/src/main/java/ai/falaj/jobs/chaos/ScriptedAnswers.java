package ai.falaj.jobs.chaos;

import ai.falaj.runtime.RuntimeSpec;
import ai.falaj.runtime.testing.FakeRuntimeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The model that has its answers written down: it says the prompt's own words again, one a token
 * and at a steady pace, after a few words of reasoning. So the ledger knows every text beforehand,
 * and the machine's cores are left to the cluster. Stateless.
 */
final class ScriptedAnswers {

  private static final int SEQUENCES = 16;
  private static final Duration STEP = Duration.ofMillis(20);
  private static final int REASONING_TOKENS = 3;

  private ScriptedAnswers() {}

  /** Opens the model; 16 sequences of 50 tokens a second in each TaskManager. */
  static RuntimeSpec spec() {
    return FakeRuntimeSpec.builder("scripted")
        .maxSequences(SEQUENCES)
        .reasoning()
        .stepDelay(STEP)
        .build();
  }

  /**
   * What it answers.
   *
   * @param prompt words separated by single blanks
   * @param seed of a sample that is not greedy, which ends with it; 0 for a greedy one
   * @param maxTokens where the answer is cut, its reasoning included
   */
  static String answer(String prompt, long seed, int maxTokens) {
    List<String> tokens = new ArrayList<>();
    tokens.add("You");
    tokens.add(" said:");
    for (String word : prompt.split(" ")) {
      tokens.add(" " + word);
    }
    if (seed != 0) {
      tokens.add(" #" + seed);
    }
    int written = Math.max(0, Math.min(tokens.size(), maxTokens - REASONING_TOKENS));
    return String.join("", tokens.subList(0, written));
  }
}
