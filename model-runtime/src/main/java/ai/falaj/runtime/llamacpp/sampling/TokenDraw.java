package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.SamplingParameters;

/**
 * Draws a token from a row of logits: temperature, then {@code top_k}, {@code top_p} and {@code
 * min_p}, then an inverse transform in order of token ids.
 *
 * <p>Each of the three keeps some number of the most likely tokens, so that together they keep the
 * smallest of these numbers, whatever their order; the order only says of what {@code top_p} is a
 * share: of what {@code top_k} left, and before {@code min_p}. No row is ever sorted. Immutable;
 * the scratch it uses is confined to one thread.
 */
final class TokenDraw {

  /** The nucleus is looked for among more tokens than rounding could make a difference to. */
  private static final double NUCLEUS_MARGIN = 0.5;

  private final double temperature;
  private final int topK;
  private final double topP;
  private final double minP;

  TokenDraw(SamplingParameters sampling) {
    this.temperature = sampling.temperature();
    this.topK = sampling.topK();
    this.topP = sampling.topP();
    this.minP = sampling.minP();
  }

  /**
   * @param best most likely token of the row
   * @param uniform from 0 to below 1
   */
  int draw(float[] logits, int best, double uniform, SamplingScratch scratch) {
    if (temperature == 0) {
      return best;
    }
    Weights weights = new Weights(logits[best], temperature);
    boolean limited = topK > 0 && topK < logits.length;
    if (!limited && topP == 1 && minP == 0) {
      RowSums sums = scratch.rowSums();
      double total = sums.add(logits, weights);
      return sums.draw(logits, weights, uniform * total);
    }
    Candidates candidates = scratch.candidates();
    if (limited) {
      truncateLargest(logits, weights, candidates);
    } else {
      truncateRow(logits, weights, scratch);
    }
    return candidates.draw(logits, weights, uniform);
  }

  private void truncateLargest(float[] logits, Weights weights, Candidates candidates) {
    candidates.collectLargest(logits, topK);
    double total = topP < 1 ? candidates.weight(logits, weights) : 0;
    if (minP > 0) {
      candidates.retainFrom(logits, weights.logitOf(minP));
    }
    if (topP < 1) {
      candidates.retainNucleus(logits, weights, topP * total);
    }
  }

  /**
   * Tokens that weigh less than {@code (1 - top_p) * total / size} each weigh less than {@code (1 -
   * top_p) * total} together, so that the nucleus lies among the others: a few dozen or thousand.
   */
  private void truncateRow(float[] logits, Weights weights, SamplingScratch scratch) {
    Candidates candidates = scratch.candidates();
    if (topP == 1) {
      candidates.collectFrom(logits, weights.logitOf(minP));
      return;
    }
    double total = scratch.rowSums().add(logits, weights);
    double negligible = NUCLEUS_MARGIN * (1 - topP) * total / logits.length;
    candidates.collectFrom(logits, weights.logitOf(Math.max(negligible, minP)));
    candidates.retainNucleus(logits, weights, topP * total);
  }
}
