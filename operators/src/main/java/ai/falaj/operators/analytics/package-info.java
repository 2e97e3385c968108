/**
 * Windows over what the other jobs publish: usage, latency, cost, labels and budgets.
 *
 * <p>{@link ai.falaj.operators.analytics.UsageEvent}s of a source are summed up where they are read
 * ({@code PreAggregateOperator}), their names are held to a bounded number ({@code
 * NameAdmissionFunction}), and each group's sums go through windows of growing length ({@code
 * WindowCascadeFunction}); {@link ai.falaj.operators.analytics.AnalyticsPipeline} connects them.
 */
package ai.falaj.operators.analytics;
