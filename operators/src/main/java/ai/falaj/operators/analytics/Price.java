package ai.falaj.operators.analytics;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What the tokens of a model cost, per million of them. Immutable.
 *
 * @param prompt tokens that were computed
 * @param cached prompt tokens that were there already
 * @param completion tokens, reasoning included
 */
public record Price(BigDecimal prompt, BigDecimal cached, BigDecimal completion)
    implements Serializable {

  /** A billionth per token is a thousandth per million tokens. */
  private static final int NANOS_PER_TOKEN_SCALE = 3;

  public Price {
    for (BigDecimal price : new BigDecimal[] {prompt, cached, completion}) {
      if (price.signum() < 0) {
        throw new IllegalArgumentException("a price is " + price + "; it cannot be below 0");
      }
    }
  }

  /**
   * What a request cost, in billionths of the currency, rounded half up.
   *
   * @param promptTokens cached ones included
   */
  long costNanos(int promptTokens, int cachedTokens, int completionTokens) {
    long computed = Math.max(0, (long) promptTokens - cachedTokens);
    return prompt
        .multiply(BigDecimal.valueOf(computed))
        .add(cached.multiply(BigDecimal.valueOf(Math.max(0, cachedTokens))))
        .add(completion.multiply(BigDecimal.valueOf(Math.max(0, completionTokens))))
        .movePointRight(NANOS_PER_TOKEN_SCALE)
        .setScale(0, RoundingMode.HALF_UP)
        .longValueExact();
  }
}
