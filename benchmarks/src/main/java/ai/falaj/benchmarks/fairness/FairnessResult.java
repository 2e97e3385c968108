package ai.falaj.benchmarks.fairness;

import java.util.List;

/**
 * What the three parts came to.
 *
 * @param greaterTenant shares of the tenant with the greater weight, of generated tokens
 * @param greaterTokens generated for it, per second
 * @param lesserTokens generated for the other, in the same seconds
 * @param urgentSteps steps until the first token of each urgent request into the full runtime
 * @param urgentMs the same in time
 * @param aloneMs time to first token of a request that has the runtime for itself, median
 * @param singleSteps steps until the first token of a tenant's only request, behind the flood
 * @param singleMs the same in time
 */
public record FairnessResult(
    SlidingShares greaterTenant,
    List<Long> greaterTokens,
    List<Long> lesserTokens,
    List<Long> urgentSteps,
    List<Double> urgentMs,
    double aloneMs,
    List<Long> singleSteps,
    List<Double> singleMs) {}
