package ai.falaj.runtime.scheduler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which saved prefixes exist, and which of them go when another one needs their room: those that
 * were not used for longest. Confined to the scheduler's owner.
 */
final class PrefixStore {

  /** Entries have numbers in a bit set and bytes in the engine: a bound for both. */
  static final int MAX_ENTRIES = 256;

  /** Shorter ones cost more in bookkeeping than their prefill. */
  static final int MIN_TOKENS = 32;

  private final long capacityTokens;
  private final int entries;

  /** Tokens by entry, least recently used first. */
  private final Map<Integer, Integer> tokensByEntry = new LinkedHashMap<>(16, 0.75f, true);

  private long usedTokens;

  PrefixStore(long capacityTokens) {
    this.capacityTokens = capacityTokens;
    this.entries = (int) Math.min(MAX_ENTRIES, capacityTokens / MIN_TOKENS);
  }

  /** Numbers of entries are below this. */
  int maxEntries() {
    return entries;
  }

  boolean fits(int tokens) {
    return tokens >= MIN_TOKENS && tokens <= capacityTokens && entries > 0;
  }

  /** Makes room for an entry of so many tokens; the returned entries are gone. */
  List<Integer> makeRoom(int tokens) {
    List<Integer> dropped = new ArrayList<>();
    while (usedTokens + tokens > capacityTokens || tokensByEntry.size() == entries) {
      int oldest = tokensByEntry.keySet().iterator().next();
      usedTokens -= tokensByEntry.remove(oldest);
      dropped.add(oldest);
    }
    return dropped;
  }

  /** Adds an entry for which there is room, and returns its number. */
  int add(int tokens) {
    int entry = 0;
    while (tokensByEntry.containsKey(entry)) {
      entry++;
    }
    tokensByEntry.put(entry, tokens);
    usedTokens += tokens;
    return entry;
  }

  /** The entry was used just now. */
  void touch(int entry) {
    if (tokensByEntry.get(entry) == null) {
      throw new IllegalStateException("no prefix is saved as " + entry);
    }
  }

  long usedTokens() {
    return usedTokens;
  }

  /** The entry that will go first. */
  OptionalInt oldest() {
    return tokensByEntry.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(tokensByEntry.keySet().iterator().next());
  }
}
