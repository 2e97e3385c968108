package ai.falaj.jobs.eval.metrics;

/**
 * A value with its 95% confidence interval over problems: what other problems of the same sort
 * would be expected to give.
 *
 * @param method {@code wilson} or {@code bootstrap}
 */
public record Estimate(double value, double low, double high, String method) {}
