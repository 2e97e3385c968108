package ai.falaj.runtime.llamacpp.sampling;

/**
 * The weights of a whole row, summed by blocks: a draw skips the blocks before its token and adds
 * up one block only. Reused from token to token; confined to one thread.
 */
final class RowSums {

  private static final int BLOCK_TOKENS = 1024;

  private final double[] blockSums;

  RowSums(int vocabularySize) {
    this.blockSums = new double[(vocabularySize + BLOCK_TOKENS - 1) / BLOCK_TOKENS];
  }

  /** Returns the sum of all weights, at least 1. */
  double add(float[] logits, Weights weights) {
    double total = 0;
    for (int block = 0; block < blockSums.length; block++) {
      blockSums[block] = sum(logits, weights, block);
      total += blockSums[block];
    }
    return total;
  }

  /**
   * Draws by inverse transform from the row of the last {@link #add}.
   *
   * @param target from 0 to below what {@code add} returned
   */
  int draw(float[] logits, Weights weights, double target) {
    double before = 0;
    int block = 0;
    int lastWithWeight = 0;
    for (; block < blockSums.length; block++) {
      if (blockSums[block] > 0) {
        lastWithWeight = block;
        if (before + blockSums[block] > target) {
          break;
        }
      }
      before += blockSums[block];
    }
    return drawWithin(logits, weights, lastWithWeight, target - before);
  }

  private static double sum(float[] logits, Weights weights, int block) {
    double sum = 0;
    int end = end(logits, block);
    for (int token = block * BLOCK_TOKENS; token < end; token++) {
      sum += weights.of(logits[token]);
    }
    return sum;
  }

  /** The last token that weighs anything where rounding leaves the target at the very end. */
  private static int drawWithin(float[] logits, Weights weights, int block, double target) {
    double sum = 0;
    int drawn = -1;
    int end = end(logits, block);
    for (int token = block * BLOCK_TOKENS; token < end; token++) {
      double weight = weights.of(logits[token]);
      if (weight > 0) {
        drawn = token;
        sum += weight;
        if (sum > target) {
          break;
        }
      }
    }
    return drawn;
  }

  private static int end(float[] logits, int block) {
    return Math.min(logits.length, (block + 1) * BLOCK_TOKENS);
  }
}
