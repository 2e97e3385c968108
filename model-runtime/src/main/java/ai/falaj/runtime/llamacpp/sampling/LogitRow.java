package ai.falaj.runtime.llamacpp.sampling;

/** What is done to a whole row of logits, and the order of tokens within it. */
final class LogitRow {

  private static final long LOW_WORD = 0xFFFF_FFFFL;

  private LogitRow() {}

  /**
   * The most likely token, the first of equals.
   *
   * <p>Positive infinity means certainty, which a softmax cannot express: such tokens become
   * equally likely and all others impossible, in place.
   *
   * @throws InvalidLogitsException if a logit is not a number, or all are negative infinity
   */
  static int indexOfMaximum(float[] logits) {
    int best = -1;
    float maximum = Float.NEGATIVE_INFINITY;
    for (int token = 0; token < logits.length; token++) {
      // Not "greater": a NaN must not pass unseen, and this way it costs nothing to see it.
      if (!(logits[token] <= maximum)) {
        maximum = logits[token];
        best = token;
        if (Float.isNaN(maximum)) {
          throw new InvalidLogitsException("the logit of token " + token + " is not a number");
        }
      }
    }
    if (best < 0) {
      throw new InvalidLogitsException(
          "none of %d tokens has a logit above negative infinity".formatted(logits.length));
    }
    if (maximum == Float.POSITIVE_INFINITY) {
      replaceInfinities(logits);
    }
    return best;
  }

  /**
   * A number that is larger for the likelier of two tokens: the one with the larger logit, or the
   * smaller id where logits are equal.
   */
  static long key(float logit, int token) {
    int bits = Float.floatToRawIntBits(logit + 0f); // turns -0 into 0, which is equal to it
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << Integer.SIZE) | (LOW_WORD - token);
  }

  static int token(long key) {
    return (int) (LOW_WORD - (key & LOW_WORD));
  }

  static float logit(long key) {
    int ordered = (int) (key >> Integer.SIZE);
    return Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE));
  }

  private static void replaceInfinities(float[] logits) {
    for (int token = 0; token < logits.length; token++) {
      logits[token] = logits[token] == Float.POSITIVE_INFINITY ? 0 : Float.NEGATIVE_INFINITY;
    }
  }
}
