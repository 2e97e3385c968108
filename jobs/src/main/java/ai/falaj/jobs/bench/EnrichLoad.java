package ai.falaj.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Records that one instruction is applied to, of common words. A function of its numbers;
 * immutable.
 */
record EnrichLoad(String instruction, List<String> texts, int newTokens) {

  private static final String[] WORDS = {
    "water", "channel", "field", "stone", "morning", "market", "letter", "garden", "window",
    "river", "simple", "quiet", "green", "small", "early", "light", "heavy", "open", "carry",
    "follow", "answer", "measure", "travel", "gather", "return", "under", "between", "after"
  };

  EnrichLoad {
    texts = List.copyOf(texts);
  }

  static EnrichLoad of(
      long seed, int records, int instructionWords, int recordWords, int newTokens) {
    SplittableRandom random = new SplittableRandom(seed);
    String instruction = words(random, instructionWords);
    List<String> texts = new ArrayList<>(records);
    for (int i = 0; i < records; i++) {
      texts.add("Text " + i + ": " + words(random, recordWords));
    }
    return new EnrichLoad(instruction, texts, newTokens);
  }

  private static String words(SplittableRandom random, int count) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < count; i++) {
      words.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    return words.toString();
  }
}
