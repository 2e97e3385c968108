package ai.falaj.operators.analytics;

/**
 * What a tenant has used in a period. Immutable.
 *
 * @param tokens of prompts and completions
 * @param alertedTokensPercent highest threshold that was told; 0: none
 * @param alertedCostPercent highest threshold that was told; 0: none
 */
public record Spending(
    long tokens, long costNanos, int alertedTokensPercent, int alertedCostPercent) {

  static final Spending NONE = new Spending(0, 0, 0, 0);

  Spending plus(UsageTotals totals) {
    return new Spending(
        tokens + totals.promptTokens() + totals.completionTokens(),
        costNanos + totals.costNanos(),
        alertedTokensPercent,
        alertedCostPercent);
  }
}
