package ai.falaj.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Workloads of random tokens. The same vocabulary and seed give the same workloads in the same
 * order; no two prompts of a generator begin alike but by chance, so that only the prefixes that a
 * workload shares on purpose can be found in a cache. Confined to one thread.
 */
public final class RandomWorkloads {

  private final int vocabularySize;
  private final Random random;
  private long made;

  /**
   * @param vocabularySize token ids are below it
   */
  public RandomWorkloads(int vocabularySize, long seed) {
    if (vocabularySize < 1) {
      throw new IllegalArgumentException(
          "the vocabulary has " + vocabularySize + " tokens; it must have 1 or more");
    }
    this.vocabularySize = vocabularySize;
    this.random = new Random(seed);
  }

  /** Requests of one shape. */
  public Workload uniform(int requests, int promptTokens, int newTokens) {
    return new Workload(
        IntStream.range(0, requests)
            .mapToObj(index -> request(tokens(promptTokens), newTokens))
            .toList());
  }

  /** Requests of these shapes. */
  public Workload ofLengths(List<RequestLength> lengths) {
    return new Workload(
        lengths.stream()
            .map(length -> request(tokens(length.promptTokens()), length.newTokens()))
            .toList());
  }

  /** Requests whose prompts are one common instruction and a record of their own each. */
  public Workload sharedPrefix(
      int requests, int instructionTokens, int recordTokens, int newTokens) {
    List<Integer> instruction = tokens(instructionTokens);
    List<LoadRequest> all = new ArrayList<>();
    for (int index = 0; index < requests; index++) {
      List<Integer> prompt = new ArrayList<>(instruction);
      prompt.addAll(tokens(recordTokens));
      all.add(request(prompt, newTokens));
    }
    return new Workload(all);
  }

  /** Random token ids. */
  public List<Integer> tokens(int count) {
    return IntStream.range(0, count).mapToObj(index -> random.nextInt(vocabularySize)).toList();
  }

  private LoadRequest request(List<Integer> prompt, int newTokens) {
    return new LoadRequest("load-" + made++, prompt, newTokens);
  }
}
