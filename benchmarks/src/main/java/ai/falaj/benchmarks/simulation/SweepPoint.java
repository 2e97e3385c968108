package ai.falaj.benchmarks.simulation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * One policy under one load. Latencies are of the requests after the first tenth, which meets an
 * empty engine; shares and rates are of the time until the last request arrives.
 *
 * @param load offered requests by those that saturate the engine
 * @param gapP99Ms 99th percentile of the times between two tokens of a request
 * @param gapMaxMs longest time between two tokens of a request
 * @param busyShare of the time, in which a step was computed
 * @param arithmeticShare of the time, that the arithmetic of all tokens needs at full speed
 * @param meanSequences of a step
 * @param jainIndex Jain's index of what each tenant got of its weighted max-min fair share
 * @param maxShareErrorOrNull over windows of 30 s in which all tenants had somebody waiting:
 *     largest difference of a tenant's share of the tokens from its share of the weights; null
 *     without such a window
 * @param tenants their latencies, where there are several
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SweepPoint(
    String policy,
    double load,
    double requestsPerSecond,
    Latencies latencies,
    double gapP99Ms,
    double gapMaxMs,
    double generatedTokensPerSecond,
    double computedTokensPerSecond,
    double busyShare,
    double arithmeticShare,
    long steps,
    double meanSequences,
    double jainIndex,
    int contendedWindows,
    @JsonProperty("maxShareError") Double maxShareErrorOrNull,
    List<TenantLatencies> tenants) {

  /** Latencies of one tenant's requests. */
  public record TenantLatencies(String tenant, long servedTokens, Latencies latencies) {}

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double P99 = 0.99;
  private static final int WARM_UP_PART = 10;

  public SweepPoint {
    tenants = List.copyOf(tenants);
  }

  static SweepPoint of(
      String policy, double load, double requestsPerSecond, SimulationResult result) {
    int warmUp = result.outcomes().size() / WARM_UP_PART;
    List<RequestOutcome> counted =
        result.outcomes().stream().filter(outcome -> outcome.request().id() >= warmUp).toList();
    long[] gaps = result.sortedGapNanos();
    EngineUse.Summary use = result.use();
    TenantShares.Summary shares = result.shares();
    return new SweepPoint(
        policy,
        load,
        requestsPerSecond,
        Latencies.of(counted),
        Percentiles.of(gaps, P99) / NANOS_PER_MILLI,
        Percentiles.of(gaps, 1) / NANOS_PER_MILLI,
        use.generatedTokensPerSecond(),
        use.computedTokensPerSecond(),
        use.busyShare(),
        use.arithmeticShare(),
        use.steps(),
        use.meanSequences(),
        shares.jainIndex(),
        shares.contendedWindows(),
        shares.contendedWindows() == 0 ? null : shares.maxShareError(),
        tenants(counted, shares));
  }

  private static List<TenantLatencies> tenants(
      List<RequestOutcome> counted, TenantShares.Summary shares) {
    List<TenantLatencies> tenants = new ArrayList<>();
    if (shares.tenants().size() > 1) {
      for (int index = 0; index < shares.tenants().size(); index++) {
        String tenant = shares.tenants().get(index);
        List<RequestOutcome> own =
            counted.stream().filter(outcome -> outcome.request().tenant().equals(tenant)).toList();
        tenants.add(new TenantLatencies(tenant, shares.servedTokens()[index], Latencies.of(own)));
      }
    }
    return tenants;
  }
}
