package ai.falaj.runtime.scheduler;

import java.util.Arrays;

/** A list of tokens that grows at its end. Confined to the scheduler's owner. */
final class TokenList {

  private int[] tokens;
  private int size;

  TokenList(int[] initial) {
    tokens = initial.clone();
    size = initial.length;
  }

  int size() {
    return size;
  }

  /** The list's own array; only its first {@link #size()} tokens count. */
  int[] array() {
    return tokens;
  }

  void append(int[] source, int from, int to) {
    int count = to - from;
    if (size + count > tokens.length) {
      tokens =
          Arrays.copyOf(tokens, Math.max(size + count, tokens.length + tokens.length / 2 + 64));
    }
    System.arraycopy(source, from, tokens, size, count);
    size += count;
  }

  void truncate(int newSize) {
    if (newSize > size) {
      throw new IllegalArgumentException("a list of " + size + " tokens cannot keep " + newSize);
    }
    size = newSize;
  }
}
