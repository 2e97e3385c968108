package ai.falaj.runtime.llamacpp.sampling;

import java.util.Arrays;

/**
 * How often a sequence holds each of its tokens, by open addressing over ints: what penalties walk
 * through at every step is as long as the sequence has different tokens. Confined to one thread.
 */
final class TokenCounts {

  private static final int FIRST_CAPACITY = 64;
  private static final int NONE = -1;

  /** Fibonacci hashing: the golden ratio times 2^32. */
  private static final int HASH_FACTOR = 0x9E37_79B9;

  private int[] tokens = new int[FIRST_CAPACITY];
  private int[] counts = new int[FIRST_CAPACITY];

  /** Index into the arrays above by hash; at most half full. */
  private int[] slots = emptySlots(2 * FIRST_CAPACITY);

  private int size;

  /** Adds to a token's count; 0 only makes it known. */
  void add(int token, int occurrences) {
    int slot = slotOf(token);
    if (slots[slot] == NONE) {
      if (size == tokens.length) {
        grow();
        slot = slotOf(token);
      }
      tokens[size] = token;
      slots[slot] = size++;
    }
    counts[slots[slot]] += occurrences;
  }

  /** Number of different tokens. */
  int size() {
    return size;
  }

  /**
   * @param index below {@link #size}, in order of first appearance
   */
  int token(int index) {
    return tokens[index];
  }

  int count(int index) {
    return counts[index];
  }

  private int slotOf(int token) {
    int mask = slots.length - 1;
    int slot = (token * HASH_FACTOR) >>> (Integer.SIZE - Integer.bitCount(mask));
    while (slots[slot] != NONE && tokens[slots[slot]] != token) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    int capacity = 2 * tokens.length;
    tokens = Arrays.copyOf(tokens, capacity);
    counts = Arrays.copyOf(counts, capacity);
    slots = emptySlots(2 * capacity);
    for (int index = 0; index < size; index++) {
      slots[slotOf(tokens[index])] = index;
    }
  }

  private static int[] emptySlots(int length) {
    int[] slots = new int[length];
    Arrays.fill(slots, NONE);
    return slots;
  }
}
