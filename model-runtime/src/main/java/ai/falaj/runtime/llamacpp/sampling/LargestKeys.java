package ai.falaj.runtime.llamacpp.sampling;

/**
 * The k likeliest tokens of a row, by a heap of k keys whose root is the least likely of them: all
 * but a few tokens of a row cost one comparison.
 */
final class LargestKeys {

  private LargestKeys() {}

  /**
   * Fills {@code keys} with the {@code count} largest {@link LogitRow#key keys} of the row, in no
   * particular order.
   *
   * @param count at least 1, at most the length of either array
   */
  static void select(float[] logits, int count, long[] keys) {
    for (int token = 0; token < count; token++) {
      keys[token] = LogitRow.key(logits[token], token);
    }
    for (int root = count / 2 - 1; root >= 0; root--) {
      siftDown(keys, root, count);
    }
    float smallest = LogitRow.logit(keys[0]);
    for (int token = count; token < logits.length; token++) {
      if (logits[token] > smallest) {
        keys[0] = LogitRow.key(logits[token], token);
        siftDown(keys, 0, count);
        smallest = LogitRow.logit(keys[0]);
      }
    }
  }

  private static void siftDown(long[] keys, int root, int count) {
    long sinking = keys[root];
    int hole = root;
    for (int child = 2 * hole + 1; child < count; child = 2 * hole + 1) {
      if (child + 1 < count && keys[child + 1] < keys[child]) {
        child++;
      }
      if (keys[child] >= sinking) {
        break;
      }
      keys[hole] = keys[child];
      hole = child;
    }
    keys[hole] = sinking;
  }
}
