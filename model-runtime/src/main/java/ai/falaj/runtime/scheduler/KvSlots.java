package ai.falaj.runtime.scheduler;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The KV slots of a context: which are in use, which tokens each holds, and where the next sequence
 * is placed.
 *
 * <p>A slot keeps its tokens when its sequence ends. The next sequence takes the slot where it is
 * cheapest to begin, in units of computing a token:
 *
 * <ul>
 *   <li>tokens to compute: the prompt without the longest prefix that any slot or saved entry
 *       holds;
 *   <li>tokens to copy, if another holder has more of the prompt than the slot itself;
 *   <li>tokens that are lost, weighed by {@link #LOSS_WEIGHT}: what the slot alone holds;
 *   <li>{@link #GAP_TOKENS} for standing apart. Where each slot has a buffer of its own, llama.cpp
 *       evaluates neighbouring slots in one graph and starts another one after each gap, which
 *       reads all weights again: sequences that stay together are cheaper.
 * </ul>
 *
 * <p>A prefix that was found before, and would be lost with its last slot, is saved first. Every
 * method that changes KV entries appends what the engine has to do. Confined to the scheduler's
 * owner.
 */
final class KvSlots {

  /**
   * What a token that nobody else holds is worth. Most endings are never asked for again, the next
   * turn of a conversation asks for all of it.
   */
  static final double LOSS_WEIGHT = 0.1;

  /** An extra pass over the weights for a few steps, until the gap is filled or closed. */
  static final double GAP_TOKENS = 64;

  private final SchedulerConfig config;
  private final BitSet busy = new BitSet();
  private final TokenList[] contents;
  private final int[] adapters;
  private final long[] lastUse;
  private final KvLedger ledger;
  private final PrefixTree tree;
  private final PrefixStore store;
  private final List<KvOperation> operations = new ArrayList<>();
  private long uses;

  KvSlots(SchedulerConfig config) {
    int slots = config.maxSequences();
    this.config = config;
    this.contents = new TokenList[slots];
    this.adapters = new int[slots];
    this.lastUse = new long[slots];
    this.ledger = new KvLedger(slots, config.kvTokens(), config.sharedKv());
    this.store = new PrefixStore(config.prefixSharing() ? config.storedPrefixTokens() : 0);
    this.tree = new PrefixTree(slots + store.maxEntries());
    for (int slot = 0; slot < slots; slot++) {
      contents[slot] = new TokenList(new int[0]);
    }
  }

  /**
   * A slot for a sequence.
   *
   * @param cachedTokens of the sequence that it holds already
   */
  record Placement(int slot, int cachedTokens) {}

  /** The operations since the last call, in order. */
  List<KvOperation> takeOperations() {
    List<KvOperation> taken = List.copyOf(operations);
    operations.clear();
    return taken;
  }

  int busyCount() {
    return busy.cardinality();
  }

  boolean hasIdle() {
    return busy.cardinality() < config.maxSequences();
  }

  /** KV entries that no slot refers to. */
  long freeTokens() {
    return ledger.free();
  }

  /** The longest beginning of these tokens that is held anywhere; never all of them. */
  int longestMatch(int adapter, int[] tokens, int length) {
    int longest = 0;
    for (int matched : match(adapter, tokens, length)) {
      longest = Math.max(longest, matched);
    }
    return longest;
  }

  /** The longest beginning of these tokens whose entries a sequence holds that goes on. */
  int longestBusyMatch(int adapter, int[] tokens, int length) {
    int[] matched = match(adapter, tokens, length);
    return busy.stream().map(slot -> matched[slot]).max().orElse(0);
  }

  /**
   * Places a sequence where it is cheapest to begin; an idle slot must be there.
   *
   * @param reservedTokens KV entries that must stay free
   */
  Placement place(int adapter, int[] tokens, int length, long reservedTokens) {
    if (!hasIdle()) {
      throw new IllegalStateException("all slots are in use");
    }
    int[] matched = match(adapter, tokens, length);
    int donor = longestHolder(matched);
    int slot = cheapestIdle(matched, matched[donor]);
    boolean copies = gain(matched[donor], matched[slot]) > 0;
    int cached = copies ? matched[donor] : matched[slot];
    tree.want(adapter, tokens, cached);
    boolean restores = copies && isEntry(donor);
    if (restores) {
      store.touch(entryOf(donor));
    }
    int kept = copies ? 0 : cached;
    maybeSave(slot, kept);
    trim(slot, kept);
    // An engine restores all that was saved before it forgets what does not match.
    if (restores
        && (!makeRoom(reservedTokens + tree.heldTokens(donor))
            || match(adapter, tokens, length)[donor] < cached)) {
      // To make room, or to save what the slot held, cost the donor.
      cached = 0;
    } else if (copies) {
      fill(slot, donor, cached);
    }
    contents[slot] = new TokenList(new int[0]);
    contents[slot].append(tokens, 0, cached);
    adapters[slot] = adapter;
    tree.hold(slot, adapter, tokens, cached);
    busy.set(slot);
    lastUse[slot] = ++uses;
    return new Placement(slot, cached);
  }

  /** The engine computed these tokens behind those that the slot holds. */
  void computed(int slot, int[] tokens, int from, int to, boolean shareNow) {
    contents[slot].append(tokens, from, to);
    ledger.append(slot, to - from);
    if (shareNow) {
      share(slot);
    }
  }

  /** The sequence in the slot is gone; its tokens stay until the slot is needed. */
  void release(int slot) {
    requireBusy(slot);
    busy.clear(slot);
    lastUse[slot] = ++uses;
    if (config.prefixSharing()) {
      share(slot);
    } else {
      trim(slot, 0);
    }
  }

  /** Its sequence will come back for these tokens: they are saved before they are lost. */
  void releaseForLater(int slot) {
    release(slot);
    if (config.prefixSharing()) {
      tree.want(adapters[slot], contents[slot].array(), contents[slot].size());
    }
  }

  /**
   * Frees KV entries until so many are free, those of idle slots first that were not used for
   * longest.
   *
   * @return whether there are
   */
  boolean makeRoom(long tokens) {
    if (!config.sharedKv()) {
      // Each sequence fits in the entries of its own slot.
      return true;
    }
    while (ledger.free() < tokens) {
      if (!maybeEvict()) {
        return false;
      }
    }
    return true;
  }

  /** Empties the idle slot that was not used for longest; returns whether any held tokens. */
  boolean maybeEvict() {
    int oldest = oldestIdleWithTokens();
    if (oldest < 0) {
      return false;
    }
    maybeSave(oldest, 0);
    trim(oldest, 0);
    return true;
  }

  /** KV entries that are free, or would be without the idle slots; a lower bound. */
  long availableTokens() {
    long available = ledger.free();
    for (int slot = 0; slot < contents.length; slot++) {
      if (!busy.get(slot)) {
        available += config.sharedKv() ? tree.tokensHeldAlone(slot, 0) : ledger.length(slot);
      }
    }
    return available;
  }

  /** Whether an idle slot lies between busy ones, and that costs something. */
  boolean hasGap() {
    return !config.sharedKv() && !busy.isEmpty() && lowestGap() < busy.length();
  }

  private int lowestGap() {
    return busy.nextClearBit(busy.nextSetBit(0));
  }

  /** The highest busy slot; only where there is one. */
  int highestBusy() {
    if (busy.isEmpty()) {
      throw new IllegalStateException("no slot is used");
    }
    return busy.length() - 1;
  }

  /** Moves the sequence of a slot into the lowest gap, and returns that. */
  int moveToLowestGap(int from) {
    requireBusy(from);
    int target = lowestGap();
    maybeSave(target, 0);
    trim(target, 0);
    int tokens = contents[from].size();
    fill(target, from, tokens);
    contents[target] = new TokenList(new int[0]);
    contents[target].append(contents[from].array(), 0, tokens);
    adapters[target] = adapters[from];
    busy.set(target);
    share(target);
    release(from);
    return target;
  }

  /** Tokens in a slot, for checks. */
  int tokensIn(int slot) {
    return contents[slot].size();
  }

  /** Nodes of the prefix tree, for checks. */
  int prefixNodes() {
    return tree.nodeCount();
  }

  private int[] match(int adapter, int[] tokens, int length) {
    // The last token must be computed: its logits choose the next one.
    return config.prefixSharing()
        ? tree.match(adapter, tokens, length - 1)
        : new int[config.maxSequences()];
  }

  private int longestHolder(int[] matched) {
    int longest = 0;
    for (int holder = 1; holder < matched.length; holder++) {
      if (matched[holder] > matched[longest]) {
        longest = holder;
      }
    }
    return longest;
  }

  /** Tokens that a copy saves, its own cost taken off. */
  private double gain(int donated, int held) {
    return donated - held - (config.sharedKv() ? 0 : config.copyTokenCost() * donated);
  }

  private int cheapestIdle(int[] matched, int donated) {
    int cheapest = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int slot = busy.nextClearBit(0);
        slot < config.maxSequences();
        slot = busy.nextClearBit(slot + 1)) {
      double gain = Math.max(0, gain(donated, matched[slot]));
      int kept = gain > 0 ? 0 : matched[slot];
      double cost =
          -matched[slot] - gain + LOSS_WEIGHT * tree.tokensHeldAlone(slot, kept) + gapCost(slot);
      if (cost < least || cost == least && lastUse[slot] < lastUse[cheapest]) {
        least = cost;
        cheapest = slot;
      }
    }
    return cheapest;
  }

  private double gapCost(int slot) {
    if (config.sharedKv() || busy.isEmpty()) {
      return 0;
    }
    int neighbours = (slot > 0 && busy.get(slot - 1) ? 1 : 0) + (busy.get(slot + 1) ? 1 : 0);
    return GAP_TOKENS * (1 - neighbours);
  }

  private void share(int slot) {
    if (config.prefixSharing()) {
      tree.hold(slot, adapters[slot], contents[slot].array(), contents[slot].size());
    }
  }

  private void trim(int slot, int keepTokens) {
    if (contents[slot].size() > keepTokens) {
      operations.add(new KvOperation.Trim(slot, keepTokens));
      ledger.trim(slot, keepTokens);
      contents[slot].truncate(keepTokens);
      tree.hold(slot, adapters[slot], contents[slot].array(), keepTokens);
    }
  }

  private void fill(int slot, int donor, int tokens) {
    if (tokens == 0) {
      return;
    }
    if (isEntry(donor)) {
      operations.add(new KvOperation.Restore(entryOf(donor), slot, tokens));
      ledger.append(slot, tokens);
    } else {
      operations.add(new KvOperation.Copy(donor, slot, tokens));
      ledger.copy(donor, slot, tokens);
    }
  }

  private boolean isEntry(int holder) {
    return holder >= config.maxSequences();
  }

  private int entryOf(int holder) {
    return holder - config.maxSequences();
  }

  private int oldestIdleWithTokens() {
    int oldest = -1;
    for (int slot = 0; slot < contents.length; slot++) {
      boolean candidate = !busy.get(slot) && contents[slot].size() > 0;
      if (candidate && (oldest < 0 || lastUse[slot] < lastUse[oldest])) {
        oldest = slot;
      }
    }
    return oldest;
  }

  private void requireBusy(int slot) {
    if (!busy.get(slot)) {
      throw new IllegalStateException("slot " + slot + " is not in use; those are: " + busy);
    }
  }

  /** Saves what others wanted and only this slot holds, if it is more than what it keeps. */
  private void maybeSave(int slot, int keepTokens) {
    int tokens = tree.wantedTokensHeldAlone(slot);
    if (tokens <= keepTokens || !store.fits(tokens)) {
      return;
    }
    for (int dropped : store.makeRoom(tokens)) {
      operations.add(new KvOperation.Drop(dropped));
      tree.release(config.maxSequences() + dropped);
    }
    int entry = store.add(tokens);
    operations.add(new KvOperation.Save(slot, entry, tokens));
    tree.hold(config.maxSequences() + entry, adapters[slot], contents[slot].array(), tokens);
    if (contents[slot].size() > tokens) {
      // The engine trims the slot to what it saves.
      ledger.trim(slot, tokens);
      contents[slot].truncate(tokens);
      tree.hold(slot, adapters[slot], contents[slot].array(), tokens);
    }
  }
}
