package ai.falaj.runtime.llamacpp.sampling;

import ai.falaj.runtime.TokenLogprob;
import ai.falaj.runtime.TokenLogprob.Alternative;
import ai.falaj.runtime.llamacpp.ffi.TokenTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The log-probabilities of one row, taken before a constraint masks it: the logarithm of a softmax
 * at temperature 1.
 */
final class RowLogprobs {

  /**
   * Stands for all that is less likely, impossible tokens included: OpenAI's value, and a number
   * that JSON can write.
   */
  static final float LOWEST = -9999;

  private final double logSum;
  private final long[] largest;

  /**
   * @param best most likely token of the row
   * @param alternatives how many of the most likely tokens are wanted; may be 0
   */
  RowLogprobs(float[] logits, int best, int alternatives, SamplingScratch scratch) {
    Weights weights = new Weights(logits[best], 1);
    logSum = logits[best] + Math.log(scratch.rowSums().add(logits, weights));
    largest = new long[Math.min(alternatives, logits.length)];
    if (largest.length > 0) {
      LargestKeys.select(logits, largest.length, largest);
      Arrays.sort(largest);
    }
  }

  /**
   * @param logit of the chosen token in this row
   */
  TokenLogprob of(int token, float logit, TokenTable tokens) {
    List<Alternative> top = new ArrayList<>(largest.length);
    for (int index = largest.length - 1; index >= 0; index--) {
      int alternative = LogitRow.token(largest[index]);
      top.add(
          new Alternative(
              alternative, tokens.text(alternative), logprob(LogitRow.logit(largest[index]))));
    }
    return new TokenLogprob(token, tokens.text(token), logprob(logit), top);
  }

  private float logprob(float logit) {
    return Math.max(LOWEST, (float) (logit - logSum));
  }
}
