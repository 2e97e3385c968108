package ai.falaj.runtime.llamacpp.sampling;

/**
 * How much likelier than nothing a token is: {@code e^((logit - maximum) / temperature)}, a softmax
 * before its division.
 *
 * <p>A vocabulary has 150,000 tokens and {@link Math#exp} takes longer than everything else that is
 * done to one of them, so the exponential is computed here: {@code 2^(k/64)} from a table, times a
 * polynomial of degree 3 for what is left, at most {@code ln(2)/128} (P. Tang: Table-Driven
 * Implementation of the Exponential Function, ACM TOMS 15, 1989). The relative error is below
 * 4e-11, a thousandth of what rounding to float had done to the logit before.
 *
 * <p>Weights below e^-88 are 0. In float, in which others compute softmax, they are too (the
 * smallest normal float is e^-87.3); and a vocabulary of them together has less than 2^-53, the
 * smallest step of the random numbers, so that no draw tells the difference. Immutable; any thread.
 */
final class Weights {

  /** Exponents below this one weigh nothing. */
  static final double NEGLIGIBLE_EXPONENT = -88;

  /** So that 0 times it stays 0. */
  private static final double MAX_INVERSE_TEMPERATURE = 1e300;

  private static final int TABLE_BITS = 6;
  private static final int TABLE_SIZE = 1 << TABLE_BITS;
  private static final double STEP = Math.log(2) / TABLE_SIZE;
  private static final double INVERSE_STEP = TABLE_SIZE / Math.log(2);
  private static final int EXPONENT_SHIFT = 52;

  /** Adding it rounds a double to an integer, which is then in its low bits. */
  private static final double ROUNDER = 0x1.8p52;

  private static final long[] POWER_BITS = powerBits();

  private final float maximum;
  private final double inverseTemperature;

  /**
   * @param maximum of the logits; finite
   * @param temperature above 0
   */
  Weights(float maximum, double temperature) {
    this.maximum = maximum;
    this.inverseTemperature = Math.min(1 / temperature, MAX_INVERSE_TEMPERATURE);
  }

  /** From 0 to 1; 1 for the maximum. */
  double of(float logit) {
    return exp(((double) logit - maximum) * inverseTemperature);
  }

  /**
   * The smallest logit that weighs at least this much.
   *
   * @param weight above 0
   */
  float logitOf(double weight) {
    double exact = maximum + Math.log(weight) / inverseTemperature;
    float rounded = (float) exact;
    return rounded < exact ? Math.nextUp(rounded) : rounded;
  }

  /**
   * @param exponent at most 0
   */
  static double exp(double exponent) {
    if (exponent < NEGLIGIBLE_EXPONENT) {
      return 0;
    }
    double shifted = exponent * INVERSE_STEP + ROUNDER;
    int steps = (int) Double.doubleToRawLongBits(shifted);
    double rest = exponent - (shifted - ROUNDER) * STEP;
    long power = POWER_BITS[steps & (TABLE_SIZE - 1)];
    double scale =
        Double.longBitsToDouble(power + ((long) (steps >> TABLE_BITS) << EXPONENT_SHIFT));
    return scale * (1 + rest * (1 + rest * (1.0 / 2 + rest * (1.0 / 6))));
  }

  private static long[] powerBits() {
    long[] bits = new long[TABLE_SIZE];
    for (int index = 0; index < TABLE_SIZE; index++) {
      bits[index] = Double.doubleToRawLongBits(Math.pow(2, (double) index / TABLE_SIZE));
    }
    return bits;
  }
}
