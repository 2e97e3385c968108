package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.RuntimeLoadException;
import ai.falaj.runtime.gguf.GgufHeader;
import ai.falaj.runtime.llamacpp.ffi.ContextSettings;
import java.util.OptionalInt;

/**
 * Turns a spec and a model's header into the sizes of a context, and refuses in one line what
 * llama.cpp would refuse without a remedy, or not at all.
 */
final class ContextPlan {

  private ContextPlan() {}

  /**
   * @throws RuntimeLoadException naming the values in conflict and what to set
   */
  static ContextSettings settings(LlamaCppSpec spec, GgufHeader header)
      throws RuntimeLoadException {
    ContextLimit limit = ContextLimit.of(header, spec.ropeScaling());
    limit.require(spec.contextTokensPerSequence(), header);
    requireWholeBlocks("keys", "kv.key-type", spec.keyType(), header.keyLength(), header);
    requireWholeBlocks("values", "kv.value-type", spec.valueType(), header.valueLength(), header);
    if (spec.kvTokens() > Integer.MAX_VALUE) {
      throw new RuntimeLoadException(
          "%d sequences of %d context tokens are more than llama.cpp can address; lower one of them"
              .formatted(spec.maxSequences(), spec.contextTokensPerSequence()));
    }
    return new ContextSettings(
        spec.maxSequences(),
        spec.contextTokensPerSequence(),
        spec.maxBatchTokens(),
        Math.min(spec.microBatchTokens(), spec.maxBatchTokens()),
        spec.maxSequences() * (1 + maxDraftTokens(spec)),
        spec.threadsHere(),
        spec.kvLayout() == KvLayout.SHARED
            ? OptionalInt.of((int) spec.kvTokens())
            : OptionalInt.empty(),
        spec.keyType().ggmlType(),
        spec.valueType().ggmlType(),
        limit.override());
  }

  /** Guesses of one sequence that are verified in one step; each wants a row of logits. */
  static int maxDraftTokens(LlamaCppSpec spec) {
    Speculation speculation = spec.speculation();
    return speculation.mode() == Speculation.Mode.OFF ? 0 : speculation.maxDraftTokens();
  }

  private static void requireWholeBlocks(
      String what, String option, KvType type, int headElements, GgufHeader header)
      throws RuntimeLoadException {
    if (headElements % type.blockElements() != 0) {
      throw new RuntimeLoadException(
          "%s of %s come in blocks of %d elements but a head of %s has %d; set falaj.runtime.%s to F16"
              .formatted(what, type, type.blockElements(), header.file(), headElements, option));
    }
  }
}
