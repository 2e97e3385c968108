package ai.falaj.runtime.scheduler;

import java.util.Arrays;

/**
 * Counts the KV entries that slots take.
 *
 * <p>Where slots share a pool, each token of a slot is a numbered entry with a reference count: a
 * copied prefix refers to the same entries, which are free again when the last slot forgets them.
 * Where each slot has entries of its own, a copy takes as many as its source. Confined to the
 * scheduler's owner.
 */
final class KvLedger {

  private final boolean shared;
  private final long capacity;
  private final int[][] entries;
  private final int[] lengths;
  private int[] references = new int[1024];
  private int[] freeNumbers = new int[1024];
  private int freeCount;
  private int numbersGivenOut;
  private long used;

  KvLedger(int slots, long capacity, boolean shared) {
    this.shared = shared;
    this.capacity = capacity;
    this.entries = new int[slots][0];
    this.lengths = new int[slots];
  }

  /** Entries that no slot refers to. */
  long free() {
    return capacity - used;
  }

  long used() {
    return used;
  }

  int length(int slot) {
    return lengths[slot];
  }

  /** The slot takes entries for more tokens. */
  void append(int slot, int tokens) {
    if (tokens > free()) {
      throw new IllegalStateException(
          "slot %d takes %d KV entries but %d of %d are free"
              .formatted(slot, tokens, free(), capacity));
    }
    if (shared) {
      reserve(slot, lengths[slot] + tokens);
      for (int index = 0; index < tokens; index++) {
        int number = takeNumber();
        references[number] = 1;
        entries[slot][lengths[slot] + index] = number;
      }
    }
    lengths[slot] += tokens;
    used += tokens;
  }

  /** The slot, which is empty, holds the first tokens of another one. */
  void copy(int from, int to, int tokens) {
    if (lengths[to] != 0 || tokens > lengths[from]) {
      throw new IllegalStateException(
          "slot %d holds %d tokens and should get %d of the %d in slot %d"
              .formatted(to, lengths[to], tokens, lengths[from], from));
    }
    if (!shared) {
      append(to, tokens);
      return;
    }
    reserve(to, tokens);
    System.arraycopy(entries[from], 0, entries[to], 0, tokens);
    for (int index = 0; index < tokens; index++) {
      references[entries[to][index]]++;
    }
    lengths[to] = tokens;
  }

  /** The slot forgets all but its first tokens. */
  void trim(int slot, int keepTokens) {
    if (keepTokens > lengths[slot]) {
      throw new IllegalStateException(
          "slot %d holds %d tokens and cannot keep %d".formatted(slot, lengths[slot], keepTokens));
    }
    if (!shared) {
      used -= lengths[slot] - keepTokens;
    } else {
      for (int index = keepTokens; index < lengths[slot]; index++) {
        int number = entries[slot][index];
        if (--references[number] == 0) {
          giveBackNumber(number);
          used--;
        }
      }
    }
    lengths[slot] = keepTokens;
  }

  private void reserve(int slot, int length) {
    if (entries[slot].length < length) {
      entries[slot] = Arrays.copyOf(entries[slot], length + length / 2 + 16);
    }
  }

  private int takeNumber() {
    if (freeCount > 0) {
      return freeNumbers[--freeCount];
    }
    if (numbersGivenOut == references.length) {
      references = Arrays.copyOf(references, 2 * references.length);
    }
    return numbersGivenOut++;
  }

  private void giveBackNumber(int number) {
    if (freeCount == freeNumbers.length) {
      freeNumbers = Arrays.copyOf(freeNumbers, 2 * freeNumbers.length);
    }
    freeNumbers[freeCount++] = number;
  }
}
