package ai.falaj.runtime.scheduler;

/**
 * Bounds of a step.
 *
 * @param maxSequences sequences that hold a KV slot at once
 * @param contextTokensPerSequence KV entries of one slot
 * @param maxBatchTokens most tokens of one step
 * @param maxPrefillTokensWhileDecoding most prompt tokens of a step that also decodes: bounds how
 *     long a decoding sequence waits for its next token because another one arrived. Steps without
 *     decoding sequences may use the whole batch
 */
public record SchedulerConfig(
    int maxSequences,
    int contextTokensPerSequence,
    int maxBatchTokens,
    int maxPrefillTokensWhileDecoding) {

  public SchedulerConfig {
    requirePositive("maxSequences", maxSequences);
    requirePositive("contextTokensPerSequence", contextTokensPerSequence);
    requirePositive("maxPrefillTokensWhileDecoding", maxPrefillTokensWhileDecoding);
    if (maxBatchTokens < maxSequences) {
      throw new IllegalArgumentException(
          "maxBatchTokens is %d and maxSequences %d; a step must hold one token of each sequence"
              .formatted(maxBatchTokens, maxSequences));
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
    }
  }
}
