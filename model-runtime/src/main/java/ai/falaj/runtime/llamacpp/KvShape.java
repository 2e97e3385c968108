package ai.falaj.runtime.llamacpp;

import java.util.OptionalInt;

/**
 * What decides the size of a KV cache, apart from the model.
 *
 * @param poolTokens entries that all sequences share; absent: each has its own
 */
record KvShape(
    int sequences, int contextTokens, OptionalInt poolTokens, KvType keyType, KvType valueType) {

  /** llama.cpp rounds each buffer up to a multiple of this. */
  static final int ROUNDING_TOKENS = 256;

  static KvShape of(LlamaCppSpec spec) {
    OptionalInt pool =
        spec.kvLayout() == KvLayout.SHARED
            ? OptionalInt.of((int) Math.min(Integer.MAX_VALUE, spec.kvTokens()))
            : OptionalInt.empty();
    return new KvShape(
        spec.maxSequences(),
        spec.contextTokensPerSequence(),
        pool,
        spec.keyType(),
        spec.valueType());
  }

  KvShape withContext(int tokens) {
    return new KvShape(sequences, tokens, poolTokens, keyType, valueType);
  }

  KvShape withPool(int tokens) {
    return new KvShape(sequences, contextTokens, OptionalInt.of(tokens), keyType, valueType);
  }

  KvShape withSequences(int count) {
    return new KvShape(count, contextTokens, poolTokens, keyType, valueType);
  }

  KvShape withTypes(KvType keys, KvType values) {
    return new KvShape(sequences, contextTokens, poolTokens, keys, values);
  }

  /** Entries in all, as llama.cpp rounds them. */
  long tokens() {
    return poolTokens.isPresent()
        ? rounded(poolTokens.getAsInt())
        : sequences * rounded(contextTokens);
  }

  /** Entries that the attention of one sequence may look at. */
  long tokensOfOneBuffer() {
    return rounded(poolTokens.orElse(contextTokens));
  }

  private static long rounded(long tokens) {
    return (tokens + ROUNDING_TOKENS - 1) / ROUNDING_TOKENS * ROUNDING_TOKENS;
  }

  @Override
  public String toString() {
    String types = keyType == valueType ? keyType.name() : keyType + "/" + valueType;
    String room =
        poolTokens.isPresent()
            ? "%d entries shared by %d sequences".formatted(tokens(), sequences)
            : "%d sequences of %d".formatted(sequences, tokensOfOneBuffer());
    return room + ", " + types;
  }
}
