package ai.falaj.runtime.scheduler;

/** A change of KV entries that an engine makes before it computes a step. */
public sealed interface KvOperation {

  /** The slot keeps its first {@code keepTokens} tokens and forgets the rest. */
  record Trim(int slot, int keepTokens) implements KvOperation {}

  /**
   * {@code toSlot} holds the first {@code tokens} tokens of {@code fromSlot} and nothing else;
   * {@code fromSlot} stays as it is.
   */
  record Copy(int fromSlot, int toSlot, int tokens) implements KvOperation {}

  /**
   * The first {@code tokens} tokens of a slot are kept outside of the slots under a number. The
   * slot may be trimmed to them.
   */
  record Save(int slot, int entry, int tokens) implements KvOperation {}

  /** {@code slot} holds the first {@code tokens} tokens of what was saved, and nothing else. */
  record Restore(int entry, int slot, int tokens) implements KvOperation {}

  /** What was saved is needed no longer. */
  record Drop(int entry) implements KvOperation {}
}
