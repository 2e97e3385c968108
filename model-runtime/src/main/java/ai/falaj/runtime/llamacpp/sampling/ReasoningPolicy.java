package ai.falaj.runtime.llamacpp.sampling;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * How one completion treats reasoning.
 *
 * @param tags of the model
 * @param budgetTokens reasoning is closed after this many tokens; absent: never
 */
public record ReasoningPolicy(ReasoningTags tags, ReasoningMode mode, OptionalInt budgetTokens) {

  public ReasoningPolicy {
    Objects.requireNonNull(tags, "tags");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(budgetTokens, "budgetTokens");
  }
}
