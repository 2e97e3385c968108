package ai.falaj.runtime.scheduler;

import static org.assertj.core.api.Assertions.fail;

import ai.falaj.runtime.scheduler.StepPlan.SequenceWork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A KV cache as an engine sees it: which tokens each slot holds, and with which adapter they were
 * computed.
 *
 * <p>Knows nothing of the scheduler but its operations and its work, and fails where one of them
 * contradicts what is there. Where slots share a pool, a copy refers to the same entries, and an
 * entry is free when no slot refers to it.
 */
final class KvPicture {

  /** The KV entry of one token. */
  private static final class Entry {
    private final int token;
    private final int adapter;
    private int slots;

    Entry(int token, int adapter) {
      this.token = token;
      this.adapter = adapter;
    }
  }

  private final SchedulerConfig config;
  private final boolean savingTrims;
  private final List<List<Entry>> slots = new ArrayList<>();
  private final Map<Integer, List<Entry>> saved = new HashMap<>();
  private long usedEntries;

  /**
   * @param savingTrims whether a slot is trimmed to what is saved of it, as an engine may do
   */
  KvPicture(SchedulerConfig config, boolean savingTrims) {
    this.config = config;
    this.savingTrims = savingTrims;
    for (int slot = 0; slot < config.maxSequences(); slot++) {
      slots.add(new ArrayList<>());
    }
  }

  void execute(KvOperation operation) {
    if (operation instanceof KvOperation.Trim trim) {
      if (trim.keepTokens() > size(trim.slot())) {
        fail("%s of %d tokens", trim, size(trim.slot()));
      }
      truncate(trim.slot(), trim.keepTokens());
    } else if (operation instanceof KvOperation.Copy copy) {
      copy(copy);
    } else if (operation instanceof KvOperation.Save save) {
      save(save);
    } else if (operation instanceof KvOperation.Restore restore) {
      restore(restore);
    } else if (operation instanceof KvOperation.Drop drop) {
      if (saved.remove(drop.entry()) == null) {
        fail("%s of what is not there", drop);
      }
    }
  }

  /** Computes tokens of a sequence behind what its slot holds. */
  void compute(SequenceWork work, TokenList tokens, int adapter) {
    if (work.position() != size(work.slot())) {
      fail("%s does not continue the %d tokens in the slot", work, size(work.slot()));
    }
    for (int index = 0; index < work.tokenCount(); index++) {
      append(work.slot(), new Entry(tokens.array()[work.position() + index], adapter));
    }
  }

  /** Guesses that were right stay behind the tokens that were computed before them. */
  void keepGuesses(int slot, int[] newTokens, int adapter) {
    for (int index = 0; index < newTokens.length - 1; index++) {
      append(slot, new Entry(newTokens[index], adapter));
    }
  }

  /** An engine that failed holds nothing any more. */
  void clear() {
    for (int slot = 0; slot < slots.size(); slot++) {
      truncate(slot, 0);
    }
    saved.clear();
  }

  boolean holds(int slot, TokenList tokens, int length, int adapter) {
    List<Entry> entries = slots.get(slot);
    if (entries.size() != length) {
      return false;
    }
    for (int index = 0; index < length; index++) {
      Entry entry = entries.get(index);
      if (entry.token != tokens.array()[index] || entry.adapter != adapter) {
        return false;
      }
    }
    return true;
  }

  int size(int slot) {
    return slots.get(slot).size();
  }

  /** KV entries that any slot refers to; a shared one counts once. */
  long usedEntries() {
    return usedEntries;
  }

  long savedTokens() {
    return saved.values().stream().mapToLong(List::size).sum();
  }

  boolean hasSaved() {
    return !saved.isEmpty();
  }

  private void copy(KvOperation.Copy copy) {
    List<Entry> source = slots.get(copy.fromSlot());
    if (copy.fromSlot() == copy.toSlot() || copy.tokens() < 1 || copy.tokens() > source.size()) {
      fail("%s of %d tokens", copy, source.size());
    }
    truncate(copy.toSlot(), 0);
    for (Entry entry : source.subList(0, copy.tokens())) {
      append(copy.toSlot(), config.sharedKv() ? entry : new Entry(entry.token, entry.adapter));
    }
  }

  private void save(KvOperation.Save save) {
    List<Entry> source = slots.get(save.slot());
    if (save.tokens() > source.size() || saved.containsKey(save.entry())) {
      fail("%s of %d tokens, saved are %s", save, source.size(), saved.keySet());
    }
    List<Entry> copies = new ArrayList<>();
    for (Entry entry : source.subList(0, save.tokens())) {
      copies.add(new Entry(entry.token, entry.adapter));
    }
    saved.put(save.entry(), copies);
    if (savingTrims) {
      truncate(save.slot(), save.tokens());
    }
  }

  private void restore(KvOperation.Restore restore) {
    List<Entry> source = saved.getOrDefault(restore.entry(), List.of());
    if (restore.tokens() < 1 || restore.tokens() > source.size()) {
      fail("%s of %d tokens", restore, source.size());
    }
    truncate(restore.slot(), 0);
    for (Entry entry : source.subList(0, restore.tokens())) {
      append(restore.slot(), new Entry(entry.token, entry.adapter));
    }
  }

  private void append(int slot, Entry entry) {
    if (entry.slots++ == 0) {
      usedEntries++;
    }
    slots.get(slot).add(entry);
    if (size(slot) > config.contextTokensPerSequence() || usedEntries > config.kvTokens()) {
      fail("slot %d holds %d tokens, and all of them %d", slot, size(slot), usedEntries);
    }
  }

  private void truncate(int slot, int length) {
    List<Entry> lost = slots.get(slot).subList(length, size(slot));
    for (Entry entry : lost) {
      if (--entry.slots == 0) {
        usedEntries--;
      }
    }
    lost.clear();
  }
}
