package ai.falaj.runtime.llamacpp.sampling;

import java.util.Arrays;

/**
 * Tokens that may still be drawn, in order of their ids, so that a draw over them depends on what
 * they are and never on how they were found. Reused from token to token; confined to one thread.
 */
final class Candidates {

  private final int[] tokens;
  private final long[] keys;
  private int count;

  Candidates(int vocabularySize) {
    this.tokens = new int[vocabularySize];
    this.keys = new long[vocabularySize];
  }

  int count() {
    return count;
  }

  /** Starts with the {@code limit} most likely tokens. */
  void collectLargest(float[] logits, int limit) {
    LargestKeys.select(logits, limit, keys);
    for (int index = 0; index < limit; index++) {
      tokens[index] = LogitRow.token(keys[index]);
    }
    Arrays.sort(tokens, 0, limit);
    count = limit;
  }

  /** Starts with all tokens of at least this logit. */
  void collectFrom(float[] logits, float smallest) {
    int found = 0;
    for (int token = 0; token < logits.length; token++) {
      if (logits[token] >= smallest) {
        tokens[found++] = token;
      }
    }
    count = found;
  }

  /** Drops those below this logit. */
  void retainFrom(float[] logits, float smallest) {
    int kept = 0;
    for (int index = 0; index < count; index++) {
      if (logits[tokens[index]] >= smallest) {
        tokens[kept++] = tokens[index];
      }
    }
    count = kept;
  }

  /** Sum of the weights. */
  double weight(float[] logits, Weights weights) {
    double sum = 0;
    for (int index = 0; index < count; index++) {
      sum += weights.of(logits[tokens[index]]);
    }
    return sum;
  }

  /**
   * Keeps the fewest of the most likely tokens that weigh {@code wanted} together; all, if all
   * weigh less.
   */
  void retainNucleus(float[] logits, Weights weights, double wanted) {
    for (int index = 0; index < count; index++) {
      keys[index] = LogitRow.key(logits[tokens[index]], tokens[index]);
    }
    long smallest = smallestOfNucleus(weights, wanted);
    int kept = 0;
    for (int index = 0; index < count; index++) {
      if (LogitRow.key(logits[tokens[index]], tokens[index]) >= smallest) {
        tokens[kept++] = tokens[index];
      }
    }
    count = kept;
  }

  /**
   * Draws by inverse transform: walks through the tokens until their weights exceed this share of
   * all.
   *
   * @param uniform from 0 to below 1
   */
  int draw(float[] logits, Weights weights, double uniform) {
    double target = uniform * weight(logits, weights);
    double sum = 0;
    int drawn = -1;
    for (int index = 0; index < count; index++) {
      double weight = weights.of(logits[tokens[index]]);
      if (weight > 0) {
        drawn = tokens[index];
        sum += weight;
        if (sum > target) {
          break;
        }
      }
    }
    return drawn;
  }

  /**
   * Quickselect by weight: splits the keys around one of them and goes on in the part where the
   * wanted weight is reached, so that the work is in proportion to the number of keys, not to its
   * logarithm times it as a sort's would be.
   */
  private long smallestOfNucleus(Weights weights, double wanted) {
    int from = 0;
    int to = count;
    double weightBefore = 0;
    long smallest = Long.MIN_VALUE;
    while (from < to && weightBefore < wanted) {
      moveMedianToEnd(from, to - 1);
      long pivot = keys[to - 1];
      double weight = 0;
      int larger = from;
      for (int index = from; index < to - 1; index++) {
        long key = keys[index];
        if (key > pivot) {
          keys[index] = keys[larger];
          keys[larger++] = key;
          weight += weights.of(LogitRow.logit(key));
        }
      }
      if (weightBefore + weight >= wanted) {
        to = larger;
      } else {
        weightBefore += weight + weights.of(LogitRow.logit(pivot));
        smallest = pivot;
        keys[to - 1] = keys[larger];
        keys[larger] = pivot;
        from = larger + 1;
      }
    }
    return smallest;
  }

  /** The median of the first, the middle and the last key, so that sorted keys split evenly. */
  private void moveMedianToEnd(int first, int last) {
    int middle = (first + last) >>> 1;
    long a = keys[first];
    long b = keys[middle];
    long c = keys[last];
    int median;
    if (a < b) {
      median = b < c ? middle : (a < c ? last : first);
    } else {
      median = a < c ? first : (b < c ? last : middle);
    }
    long key = keys[median];
    keys[median] = keys[last];
    keys[last] = key;
  }
}
