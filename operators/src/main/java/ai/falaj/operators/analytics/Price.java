package ai.falaj.operators.analytics;

import ai.falaj.schemas.Usage;
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

  /** Keeps what a request with as many tokens as there may be costs within a long. */
  private static final BigDecimal MAX = BigDecimal.valueOf(1_000_000);

  public Price {
    for (BigDecimal price : new BigDecimal[] {prompt, cached, completion}) {
      if (price.signum() < 0 || price.compareTo(MAX) > 0) {
        throw new IllegalArgumentException(
            "a price is %s; give 0 to %s".formatted(price.toPlainString(), MAX));
      }
    }
  }

  /** What a request cost, in billionths of the currency, rounded half up. */
  public long costNanos(Usage usage) {
    long cachedTokens = Math.max(0, usage.getCachedTokens());
    long computedTokens = Math.max(0, usage.getPromptTokens() - cachedTokens);
    return prompt
        .multiply(BigDecimal.valueOf(computedTokens))
        .add(cached.multiply(BigDecimal.valueOf(cachedTokens)))
        .add(completion.multiply(BigDecimal.valueOf(Math.max(0, usage.getCompletionTokens()))))
        .movePointRight(NANOS_PER_TOKEN_SCALE)
        .setScale(0, RoundingMode.HALF_UP)
        .longValueExact();
  }
}
