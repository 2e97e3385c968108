package ai.falaj.runtime.scheduler;

import java.util.List;

/**
 * Bounds and policies of a scheduler.
 *
 * @param maxSequences sequences that hold a KV slot at once
 * @param contextTokensPerSequence most tokens of one sequence
 * @param kvTokens KV entries of all slots together, if {@code sharedKv}; otherwise each slot has
 *     {@code contextTokensPerSequence} of its own and this is their sum
 * @param sharedKv whether slots take their entries from one pool, where a common prefix is held
 *     once and copied for nothing
 * @param maxBatchTokens most tokens of one step, without guesses
 * @param maxPrefillTokensWhileDecoding most prompt tokens of a step that also decodes
 * @param prefillStretch a step that also prefills takes at most about this many times as long as
 *     one that only decodes, as far as {@link #MIN_CHUNK_TOKENS} allows; infinity: {@code
 *     maxPrefillTokensWhileDecoding} alone decides
 * @param prefixSharing whether KV entries of a common prefix are used again
 * @param copyTokenCost time to copy the KV entries of a token from slot to slot, in units of
 *     computing them
 * @param storedPrefixTokens KV entries outside of the slots, for prefixes whose slot was needed
 * @param maxDraftTokens most guesses of a sequence and step; 0: no speculation
 * @param maxSpeculatingSequences guesses are left out while more sequences decode
 * @param tenants weights and budgets of those that have other than the standard ones
 */
public record SchedulerConfig(
    int maxSequences,
    int contextTokensPerSequence,
    long kvTokens,
    boolean sharedKv,
    int maxBatchTokens,
    int maxPrefillTokensWhileDecoding,
    double prefillStretch,
    boolean prefixSharing,
    double copyTokenCost,
    long storedPrefixTokens,
    int maxDraftTokens,
    int maxSpeculatingSequences,
    List<TenantShare> tenants) {

  /**
   * Prompt tokens that every step may compute, however slow: below this a graph costs more than its
   * tokens.
   */
  public static final int MIN_CHUNK_TOKENS = 16;

  public SchedulerConfig {
    tenants = List.copyOf(tenants);
    requirePositive("maxSequences", maxSequences);
    requirePositive("contextTokensPerSequence", contextTokensPerSequence);
    requirePositive("maxPrefillTokensWhileDecoding", maxPrefillTokensWhileDecoding);
    if (maxBatchTokens < maxSequences) {
      throw new IllegalArgumentException(
          "maxBatchTokens is %d and maxSequences %d; a step must hold one token of each sequence"
              .formatted(maxBatchTokens, maxSequences));
    }
    if (kvTokens < contextTokensPerSequence) {
      throw new IllegalArgumentException(
          "kvTokens is %d and contextTokensPerSequence %d; one sequence must fit"
              .formatted(kvTokens, contextTokensPerSequence));
    }
    if (!sharedKv && kvTokens != (long) maxSequences * contextTokensPerSequence) {
      throw new IllegalArgumentException(
          "kvTokens is %d, but %d slots of %d entries each are not shared"
              .formatted(kvTokens, maxSequences, contextTokensPerSequence));
    }
    if (!(prefillStretch >= 1)) {
      throw new IllegalArgumentException(
          "prefillStretch is " + prefillStretch + "; it must be 1 or more");
    }
    if (!(copyTokenCost >= 0) || storedPrefixTokens < 0 || maxDraftTokens < 0) {
      throw new IllegalArgumentException(
          "copyTokenCost %s, storedPrefixTokens %d and maxDraftTokens %d must be 0 or more"
              .formatted(copyTokenCost, storedPrefixTokens, maxDraftTokens));
    }
    requirePositive("maxSpeculatingSequences", maxSpeculatingSequences);
  }

  /** Starts from prefix sharing, an adaptive prefill budget and nothing else. */
  public static Builder builder(int maxSequences, int contextTokensPerSequence) {
    return new Builder(maxSequences, contextTokensPerSequence);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
    }
  }

  /** Confined to one thread. */
  public static final class Builder {
    private final int maxSequences;
    private final int contextTokensPerSequence;
    private long kvTokens;
    private boolean sharedKv;
    private int maxBatchTokens = 2048;
    private int maxPrefillTokensWhileDecoding = 512;
    private double prefillStretch = 24;
    private boolean prefixSharing = true;
    private double copyTokenCost = 0.02;
    private long storedPrefixTokens;
    private int maxDraftTokens;
    private int maxSpeculatingSequences = 1;
    private List<TenantShare> tenants = List.of();

    private Builder(int maxSequences, int contextTokensPerSequence) {
      this.maxSequences = maxSequences;
      this.contextTokensPerSequence = contextTokensPerSequence;
      this.kvTokens = (long) maxSequences * contextTokensPerSequence;
    }

    /** One pool of this many KV entries for all slots. */
    public Builder sharedKv(long tokens) {
      sharedKv = true;
      kvTokens = tokens;
      return this;
    }

    public Builder maxBatchTokens(int value) {
      maxBatchTokens = value;
      return this;
    }

    public Builder maxPrefillTokensWhileDecoding(int value) {
      maxPrefillTokensWhileDecoding = value;
      return this;
    }

    public Builder prefillStretch(double value) {
      prefillStretch = value;
      return this;
    }

    public Builder prefixSharing(boolean value) {
      prefixSharing = value;
      return this;
    }

    public Builder copyTokenCost(double value) {
      copyTokenCost = value;
      return this;
    }

    public Builder storedPrefixTokens(long value) {
      storedPrefixTokens = value;
      return this;
    }

    public Builder speculation(int draftTokens, int sequences) {
      maxDraftTokens = draftTokens;
      maxSpeculatingSequences = sequences;
      return this;
    }

    public Builder tenants(List<TenantShare> value) {
      tenants = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the values in conflict
     */
    public SchedulerConfig build() {
      return new SchedulerConfig(
          maxSequences,
          contextTokensPerSequence,
          kvTokens,
          sharedKv,
          maxBatchTokens,
          maxPrefillTokensWhileDecoding,
          prefillStretch,
          prefixSharing,
          copyTokenCost,
          storedPrefixTokens,
          maxDraftTokens,
          maxSpeculatingSequences,
          tenants);
    }
  }
}
